import assert from "node:assert/strict";
import { test } from "node:test";
import { dots, trail, wordsOf, type FoundLight } from "../src/fleet/found";
import { FLEET_LAYERS, LIVE_LAYERS } from "../src/fleet/layers";
import type { Palette } from "../src/map/palette";
import { distance, words } from "../src/near-me";

const light = (id: string, state: "on" | "off" | "trouble", trouble: string | null): FoundLight =>
  ({ type: "Feature", geometry: { type: "Point", coordinates: [8.27, 50] }, properties: { id, state, trouble } });

test("a light in trouble is told by words beside its dot, a quiet one by its dot alone", () => {
  const { features } = dots([light("A", "trouble", "umgefallen"), light("B", "on", null)], "B");
  assert.deepEqual(features.map(({ properties }) => [properties?.["words"], properties?.["chosen"]]), [["umgefallen", false], ["", true]]);
  assert.equal(wordsOf(light("B", "on", null).properties), "leuchtet");
});

test("a light in trouble is told by a sign, not by its colour alone, wherever there is no word for it", () => {
  const signs = [LIVE_LAYERS, FLEET_LAYERS].flatMap(({ above }) =>
    above({ mark: {} } as Palette).filter((layer) => layer.type === "symbol" && layer.layout?.["text-field"] === "!"));
  assert.deepEqual(signs.map(({ minzoom, maxzoom }) => [minzoom, maxzoom]), [[15, undefined], [undefined, 13]]);
});

test("a trail is a line through all fixes, and one fix makes none", () => {
  const fix = (lon: number, verdict: string) => ({ lonlat: [lon, 50] as [number, number], verdict });
  const { features } = trail({ fixes: [fix(8.1, "used"), fix(8.2, "outlier")] });
  assert.deepEqual(features.map(({ geometry }) => geometry.type), ["LineString", "Point", "Point"]);
  assert.equal(trail({ fixes: [fix(8.1, "used")] }).features.length, 1);
});

test("the phone's distance is told as well as the phone knows its place", () => {
  const far = distance([8.27, 50], [8.27, 50.001]);
  assert.ok(Math.abs(far - 111) < 1);
  assert.equal(words(far, 12.2), "Der Standort der Leuchte ist etwa 111 m von Ihrem Telefon entfernt (auf etwa 13 m genau).");
  assert.equal(words(10, 5), "Sie stehen bei der Leuchte (auf etwa 5 m genau).");
});
