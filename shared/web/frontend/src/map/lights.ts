/** Lights as dots: on, off, or in trouble. */

import type { Light } from "../feature";
import { collection } from "./drawing";

export type LightState = "on" | "off" | "trouble";
const LOW_BATTERY_PCT = 15;

export function stateOf({ lamp, silent, moved, fallen, battery_pct: battery }: Light["properties"]): LightState {
  if (silent || moved || fallen || lamp === "fault" || (battery !== null && battery < LOW_BATTERY_PCT)) return "trouble";
  return lamp === "on" ? "on" : "off";
}

/** The state in words, the worst first. */
export function wordsOf({ lamp, silent, moved, fallen, battery_pct: battery }: Light["properties"]): string {
  const troubles = [
    silent && "ohne Signal",
    moved && "vom Platz bewegt",
    fallen && "umgefallen",
    lamp === "fault" && "Lampe defekt",
    battery !== null && battery < LOW_BATTERY_PCT && "Batterie schwach",
  ].filter(Boolean);
  return troubles.length > 0 ? troubles.join(", ") : ({ on: "leuchtet", off: "aus", unknown: "unbekannt", fault: "" })[lamp];
}

export function dots(lights: Iterable<Light>, chosen: string | null): GeoJSON.FeatureCollection {
  return collection([...lights].map(({ geometry, properties }) => ({
    type: "Feature",
    geometry,
    properties: {
      id: properties.device_id,
      state: stateOf(properties),
      chosen: properties.device_id === chosen,
    },
  })));
}
