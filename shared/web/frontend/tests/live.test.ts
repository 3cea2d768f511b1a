import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import type { Item } from "../src/feature";
import { read, write } from "../src/live/address";
import { anyOf, NO_FILTER, nothing, selected, type Filter } from "../src/live/filter";
import { told } from "../src/live/lights";
import { counted } from "../src/live/list";
import { drawing, opacityOf } from "../src/map/drawing";
import { feature, item, moved, NOW } from "./cases";

const found = (filter: Partial<Filter>, ...all: Item[]): string[] =>
  selected(all.map(feature), { ...NO_FILTER, ...filter }, NOW).map((one) => one.id);

test("the address brings the same view back, and stays in its frame", () => {
  const view = {
    camera: { zoom: 14.25, lat: 50.00123, lon: 8.27456 },
    chosen: "de-test-1",
    filter: { ...NO_FILTER, zeit: "zeitraum", von: "2026-03-01", bis: "2026-04-01", wirkung: "closed", strasse: "Große Bleiche" },
  } as const;
  deepEqual(read(write(view, "")), view);
  for (const framed of ["?embed=1&zeit=jetzt", "?embed"]) equal(new URLSearchParams(write(view, framed)).get("embed"), "1");
});

test("an address that is nonsense shows everything, and the plain view needs none", () => {
  const nothing = { camera: null, chosen: null, filter: NO_FILTER };
  for (const day of ["2026-02-31", "3000-02-01", "gestern"]) deepEqual(read(`?von=${day}`), nothing);
  deepEqual(read("?karte=x/y&zeit=nie&wirkung=keine&von=gestern&verkehr=pferd"), nothing);
  equal(write(nothing, "?utm=1"), "");
});

test("what is planned is shown for the next days, not now", () => {
  const planned = item({ status: "planned", start: "2026-03-08T06:00:00Z" });
  deepEqual([found({}, planned), found({ zeit: "woche" }, planned)], [[], [planned.id]]);
});

test("what begins within a week is new, and nothing else", () => {
  const starts = (id: string, start: string, status: Item["status"] = "planned"): Item => item({ id, status, start });
  const soon = starts("soon", "2026-03-08T06:00:00Z");
  const others = [starts("late", "2026-03-20T06:00:00Z"), starts("overdue", "2026-03-01T06:00:00Z"), starts("off", soon.start, "cancelled"), item()];
  deepEqual(found({ zeit: "neu" }, soon, ...others), ["soon"]);
});

test("the measures of a site stand together, where its gravest belongs", () => {
  const [narrow, closed] = [item({ id: "a", number: "AO-2", sort: "03" }), item({ id: "b", number: "AO-2", sort: "00" })];
  deepEqual(found({}, narrow, item({ id: "c", number: "AO-3", sort: "01" }), closed), ["b", "a", "c"]);
});

test("an empty list says why, in the words of test_listing.py", () => {
  const said = (filter: Partial<Filter>, elsewhere = false): string => nothing({ ...NO_FILTER, ...filter }, elsewhere);
  equal(said({}), "Jetzt ist keine Baustelle bekannt.");
  equal(said({ zeit: "woche", wirkung: "path" }), "In den nächsten 7 Tagen ist keine Baustelle bekannt, die zu dieser Auswahl passt.");
  equal(said({ zeit: "zeitraum" }), "Es ist keine Baustelle bekannt.");
  equal(said({ zeit: "neu" }), "Es ist keine Baustelle bekannt, die in den nächsten 7 Tagen beginnt.");
  equal(said({ zeit: "neu", verkehr: "car", strasse: "A" }), "Zu „A“ ist keine Baustelle bekannt, die in den nächsten 7 Tagen beginnt und zu dieser Auswahl passt.");
  equal(said({ strasse: "Rheinstraße" }, true), "Zu „Rheinstraße“ ist jetzt keine Baustelle bekannt. Sonst schon:");
  equal(said({ zeit: "zeitraum", von: "2026-03-01", strasse: "A" }), "Zu „A“ ist in diesem Zeitraum keine Baustelle bekannt.");
  equal(said({ zeit: "zeitraum", von: "2026-03-02", bis: "2026-03-01" }), "„Von“ liegt nach „Bis“.");
  const works = [feature(item({ place: "Mühlstraße 3", status: "planned" }))];
  deepEqual([anyOf(works, "muehlstr"), anyOf(works, "Rhein"), anyOf(works, " ")], [true, false, false]);
});

test("a street is found however its name is written", () => {
  const street = item({ place: "Mühlstraße 3" });
  for (const strasse of ["mühlstr.", "Muehlstrasse", "MÜHLSTRASSE"]) deepEqual(found({ strasse }, street), [street.id]);
  deepEqual(found({ strasse: "Kaiserstraße" }, street), []);
});

test("who is hindered finds what hinders", () => {
  deepEqual([found({ verkehr: "bus" }, item()), found({ verkehr: "foot" }, item())], [["de-test-1"], []]);
});

test("the list stands in the server's order", () => {
  deepEqual(found({}, item({ id: "b", sort: "2" }), item({ id: "a", sort: "0" }), item({ id: "c", sort: "1" })), ["a", "c", "b"]);
});

test("measures of one permit are one site, and one symbol where they lie together", () => {
  const away = { ...feature(item({ id: "c", kind: "detour", group: "note" })), geometry: moved(400) };
  const measures = [feature(item({ id: "a", kind: "footway_closed", group: "path" })), feature(item({ id: "b" })), away];
  equal(counted(measures), "1 Baustelle, 3 Maßnahmen");
  equal(counted([feature(item()), feature(item({ id: "d", number: "61-2" }))]), "2 Baustellen");
  const leads = drawing(measures, NOW).symbols.features.filter((one) => one.properties?.["lead"]);
  deepEqual(leads.map((one) => one.properties?.["id"]), ["b", "c"]);
});

test("order and lights that disagree are both drawn, with a bracket between", () => {
  const away = { ...feature(item({ look: "measured", ghost: moved(0) })), geometry: moved(60) };
  const parts = drawing([away], NOW).shapes.features.map((one) => one.properties);
  equal(parts.filter((one) => one?.["part"] === "bracket").length, 2);
  deepEqual(parts.filter((one) => one?.["part"] === "line").map((one) => one?.["look"]), ["ordered", "measured"]);
});

test("an end is filled only where lights carry it", () => {
  const half = feature(item({ look: "measured", ends: [true, false] }));
  const caps = drawing([half], NOW).shapes.features.filter((one) => one.properties?.["part"] === "cap");
  deepEqual(caps.map((one) => one.properties?.["filled"]), [true, false]);
});

test("what has ended fades over a day and never quite vanishes", () => {
  const ended = (hours: number): number =>
    opacityOf(item({ status: "ended", end: new Date(NOW.getTime() - hours * 3_600_000).toISOString() }), NOW);
  deepEqual([ended(0), ended(12), ended(24), ended(90)], [0.75, 0.5, 0.25, 0.25]);
  equal(opacityOf(item(), NOW), 1);
});

test("a chosen light says what it does and when it was heard to stand there", () => {
  const light = { device_id: "L-7", lamp: "on", silent: false, moved: false, fallen: false, battery_pct: null } as const;
  const at = (observed_at: string | null, more: object = {}): string =>
    told({ type: "Feature", geometry: { type: "Point", coordinates: [8, 50] }, properties: { ...light, observed_at, ...more } });
  equal(at(null), "Warnleuchte L-7: leuchtet");
  equal(at(new Date().toISOString()).replace(/\d\d:\d\d/, "00:00"), "Warnleuchte L-7: leuchtet, gemessen um 00:00 Uhr");
  equal(
    at("2026-03-01T13:03:00Z", { silent: true, fallen: true }),
    "Warnleuchte L-7: ohne Signal, umgefallen, gemessen am 1. März um 14:03 Uhr",
  );
});
