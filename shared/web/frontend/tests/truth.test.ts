import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { badges, lookOf, opacityOf, words } from "../src/truth";
import { measured, moved, NOW, ordered } from "./cases";

const labels = (...all: Parameters<typeof badges>): string[] => badges(...all).map((badge) => badge.label);

test("an order without lights says so", () => {
  deepEqual(words(ordered(), NOW), ["laut Anordnung ab 3. März", "keine Warnleuchten zugeordnet"]);
  deepEqual([lookOf(ordered()), ...labels(ordered())], ["ordered", "Angeordnet"]);
});

test("a measured place names its minute and rounds its accuracy up", () => {
  deepEqual(words(measured(), NOW), ["gemessen um 14:03 Uhr, auf etwa 5 m genau"]);
  equal(lookOf(measured()), "measured");
});

test("lights that fell silent keep the place as it was last measured", () => {
  const silent = measured({ on_site: "silent", observed_at: "2026-03-05T12:22:00Z" });
  deepEqual(words(silent, NOW), ["seit 13:22 Uhr ohne Signal, Lage laut letzter Messung"]);
  equal(lookOf(silent), "silent");
});

test("a deviation tells how far and where to", () => {
  const away = measured({ deviation_m: 42, measured: { geometry: moved(-42), start: null, end: null } });
  equal(words(away, NOW)[0], "steht etwa 40 m weiter südlich als angeordnet");
  deepEqual(labels(away), ["Lage weicht ab"]);
});

test("lights that stand a little beside the drawn line do not deviate", () => {
  deepEqual(labels(measured({ deviation_m: 24 })), ["Gemessen"]);
  deepEqual(labels(measured({ deviation_m: 30, place_accuracy_m: 25 })), ["Gemessen"]);
});

test("only a passed deadline is urgent", () => {
  const late = measured({ status: "overrunning", ordered: { geometry: null, start: null, end: "2026-03-04T16:00:00Z" } });
  equal(words(late, NOW)[0], "sollte gestern 17 Uhr enden");
  deepEqual(badges(late).map((badge) => badge.urgent ?? false), [true, false]);
});

test("what has ended fades over a day and never quite vanishes", () => {
  const ended = (hours: number): number =>
    opacityOf(measured({ status: "ended", end: new Date(NOW.getTime() - hours * 3_600_000).toISOString() }), NOW);
  deepEqual([ended(0), ended(12), ended(24), ended(90)], [0.75, 0.5, 0.25, 0.25]);
  equal(opacityOf(measured(), NOW), 1);
});
