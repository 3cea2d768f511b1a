/** What the fleet's map draws beside the lights: depots, troubles in words, and the fixes of the chosen light. */

import type { Extras } from "../map/city-map";
import { LIGHTS } from "../map/overlay";
import { FONT } from "../map/style";

export const DEPOTS = "depots";
export const TRAIL = "trail";

/** The fixes of the chosen light alone. */
export const TRAIL_LAYERS: Extras = {
  sources: [TRAIL],
  below: ({ mark }) => [
    { id: "trail", type: "line", source: TRAIL, filter: ["==", ["geometry-type"], "LineString"],
      layout: { "line-join": "round", "line-cap": "round" },
      paint: { "line-color": mark.halo, "line-width": 2, "line-opacity": 0.7 } },
    { id: "trail-fixes", type: "circle", source: TRAIL, filter: ["==", ["geometry-type"], "Point"],
      paint: { "circle-radius": 4, "circle-stroke-width": 1.5, "circle-stroke-color": mark.halo,
        "circle-color": ["case", ["==", ["get", "verdict"], "used"], mark.halo, mark.casing] } },
  ],
  above: () => [],
};

export const FLEET_LAYERS: Extras = {
  sources: [DEPOTS, ...TRAIL_LAYERS.sources],
  below: (colours) => [
    { id: "depots", type: "fill", source: DEPOTS, paint: { "fill-color": colours.mark.note, "fill-opacity": 0.14 } },
    { id: "depot-edges", type: "line", source: DEPOTS,
      paint: { "line-color": colours.mark.note, "line-width": 1.5, "line-dasharray": [3, 2] } },
    ...TRAIL_LAYERS.below(colours),
  ],
  above: ({ name, "name-halo": halo }) => [
    { id: "depot-names", type: "symbol", source: DEPOTS, minzoom: 12,
      layout: { "text-field": ["get", "name"], "text-font": FONT, "text-size": 13, "text-anchor": "top", "text-offset": [0, 1] },
      paint: { "text-color": name, "text-halo-color": halo, "text-halo-width": 1.6 } },
    { id: "light-troubles", type: "symbol", source: LIGHTS, maxzoom: 13, filter: ["!=", ["get", "words"], ""],
      layout: { "text-field": "!", "text-font": FONT, "text-size": 15, "text-anchor": "left", "text-offset": [0.5, 0],
        "text-allow-overlap": true },
      paint: { "text-color": name, "text-halo-color": halo, "text-halo-width": 1.6 } },
    { id: "light-words", type: "symbol", source: LIGHTS, minzoom: 13, filter: ["!=", ["get", "words"], ""],
      layout: { "text-field": ["step", ["zoom"], ["get", "words"], 16, ["concat", ["get", "id"], "\n", ["get", "words"]]],
        "text-font": FONT, "text-size": 12.5, "text-anchor": "left", "text-offset": [0.8, 0], "text-justify": "left",
        "text-optional": true },
      paint: { "text-color": name, "text-halo-color": halo, "text-halo-width": 1.6 } },
  ],
};
