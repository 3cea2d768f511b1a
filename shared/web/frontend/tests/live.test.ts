import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import type { Properties } from "../src/feature";
import { read, write } from "../src/live/address";
import { NO_FILTER, selected, type Filter } from "../src/live/filter";
import { drawing } from "../src/map/drawing";
import { ending, weekdays } from "../src/times";
import { feature, measured, moved, NOW, ordered } from "./cases";

const found = (filter: Partial<Filter>, ...all: Properties[]): string[] =>
  selected(all.map(feature), { ...NO_FILTER, ...filter }, NOW).map((one) => one.id);

test("the address brings the same view back", () => {
  const view = {
    camera: { zoom: 14.25, lat: 50.00123, lon: 8.27456 },
    chosen: "de-test-1",
    filter: { ...NO_FILTER, time: "range", from: "2026-03-01", to: "2026-04-01", group: "closed", search: "Große Bleiche" },
  } as const;
  deepEqual(read(write(view)), view);
});

test("an address that is nonsense shows everything", () => {
  deepEqual(read("#karte=x/y&zeit=nie&wirkung=keine&von=gestern"), { camera: null, chosen: null, filter: NO_FILTER });
});

test("what is planned is shown for the next days, not now", () => {
  const planned = ordered({ status: "planned", start: "2026-03-08T06:00:00Z" });
  deepEqual([found({}, planned), found({ time: "week" }, planned)], [[], [planned.id]]);
});

test("a street is found however its name is written", () => {
  const street = ordered({ headline: "Mühlstraße 3: Vollsperrung.", street: "Mühlstraße" });
  for (const search of ["mühlstr.", "Muehlstrasse", "MÜHLSTRASSE"]) deepEqual(found({ search }, street), [street.id]);
  deepEqual(found({ search: "Kaiserstraße" }, street), []);
});

test("the heaviest effect comes first and what has ended last", () => {
  const narrow = ordered({ id: "narrow", measure: "narrowed" });
  const ended = ordered({ id: "ended", status: "ended" });
  deepEqual(found({}, ended, narrow, ordered({ id: "closed" })), ["closed", "narrow", "ended"]);
});

test("order and lights that disagree are both drawn, with a bracket between", () => {
  const away = measured({ deviation_m: 60, measured: { geometry: moved(60), start: null, end: null } });
  const parts = drawing([{ ...feature(away), geometry: moved(60) }], NOW).shapes.features.map((one) => one.properties);
  equal(parts.filter((one) => one?.["part"] === "bracket").length, 2);
  deepEqual(parts.filter((one) => one?.["part"] === "line").map((one) => one?.["look"]), ["ordered", "measured"]);
});

test("an end is filled only where lights carry it", () => {
  const half = measured({ provenance: { ...measured().provenance, place_to: "ordered" } });
  const caps = drawing([feature(half)], NOW).shapes.features.filter((one) => one.properties?.["part"] === "cap");
  deepEqual(caps.map((one) => one.properties?.["filled"]), [true, false]);
});

test("an end at midnight belongs to the day before", () => {
  equal(ending(new Date("2026-03-09T23:00:00Z"), NOW), "9. März, 24 Uhr");
});

test("days in a row are said in short", () => {
  deepEqual([weekdays([1, 2, 3, 4, 5]), weekdays([6, 3])], ["montags bis freitags", "mittwochs und samstags"]);
});
