/** What the server found, as `/beacons/api/v1/fleet.geojson` and `…/fixes` tell it, and as the map wants it. */

import { collection } from "../map/drawing";

export interface FoundLight {
  readonly type: "Feature";
  readonly geometry: GeoJSON.Point;
  readonly properties: {
    readonly id: string;
    readonly state: "on" | "off" | "trouble";
    readonly trouble: string | null;
  };
}

export interface Fixes {
  readonly fixes: readonly { readonly lonlat: [number, number]; readonly verdict: string }[];
}

const WORDS: Readonly<Record<string, string>> = {
  "ohne-signal": "ohne Signal",
  umgefallen: "umgefallen",
  "lampe-defekt": "Lampe defekt",
  batterie: "Batterie schwach",
  bewegt: "vom Platz bewegt",
};

export function wordsOf({ state, trouble }: FoundLight["properties"]): string {
  return trouble ? (WORDS[trouble] ?? "mit Störung") : state === "on" ? "leuchtet" : "aus oder unbekannt";
}

export function dots(lights: Iterable<FoundLight>, chosen: string | null): GeoJSON.FeatureCollection {
  return collection([...lights].map(({ geometry, properties: { id, state, trouble } }) => ({
    type: "Feature",
    geometry,
    properties: { id, state, chosen: id === chosen, words: trouble ? (WORDS[trouble] ?? "") : "" },
  })));
}

/** The way of the fixes, the oldest first, and each of them. */
export function trail({ fixes }: Fixes): GeoJSON.FeatureCollection {
  const way: GeoJSON.Feature = {
    type: "Feature",
    properties: {},
    geometry: { type: "LineString", coordinates: fixes.map((fix) => fix.lonlat) },
  };
  const points = fixes.map((fix): GeoJSON.Feature => ({
    type: "Feature",
    properties: { verdict: fix.verdict },
    geometry: { type: "Point", coordinates: fix.lonlat },
  }));
  return collection(fixes.length > 1 ? [way, ...points] : points);
}
