import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { answers, effectSentence } from "../src/passage";
import { ordered } from "./cases";

const verdicts = (...all: Parameters<typeof answers>): string =>
  answers(...all).map((answer) => `${answer.who} ${answer.verdict}`).join(", ");

test("a closure that does not say whom it stops promises nobody a way", () => {
  equal(verdicts(ordered()), "Auto blocked, Lkw blocked, Bus blocked, Fahrrad unknown, Zu Fuß unknown, Anwohner blocked");
});

test("a closure for motor traffic lets people on foot and bicycle pass", () => {
  const closed = ordered({ affects: ["car", "truck", "bus"], exempt: ["residents"] });
  equal(effectSentence(closed), "Gesperrt für Auto, Lkw und Bus. Frei für Fahrrad, Fußgänger und Anwohnerverkehr.");
});

test("an exemption frees only who is named", () => {
  equal(verdicts(ordered({ exempt: ["bus"] })).includes("Bus free"), true);
  equal(verdicts(ordered({ exempt: ["bus"] })).includes("Auto blocked"), true);
});

test("a closed footway stops nobody but people on foot", () => {
  const blocked = answers(ordered({ measure: "footway_closed" })).filter((answer) => answer.verdict !== "free");
  deepEqual(blocked.map((answer) => answer.who), ["Zu Fuß"]);
});

test("a narrow place names the width that is left", () => {
  const [car] = answers(ordered({ measure: "narrowed", residual_width_m: 3 }));
  equal(car?.words, "frei bis 3,0 m Breite");
});
