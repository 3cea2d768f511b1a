/** What maps draw beside the lights: troubles, the fixes of the chosen light; the fleet's also depots and words. */

import type { LayerSpecification, SymbolLayerSpecification } from "maplibre-gl";
import type { Extras } from "../map/city-map";
import { LIGHTS } from "../map/overlay";
import type { Palette } from "../map/palette";
import { FONT } from "../map/style";
import { LIGHTS_FROM_ZOOM } from "../map/zooms";

export const DEPOTS = "depots";
export const TRAIL = "trail";

const text = ({ name, "name-halo": halo }: Palette): SymbolLayerSpecification["paint"] =>
  ({ "text-color": name, "text-halo-color": halo, "text-halo-width": 1.6 });

/** A sign beside lights in trouble, which colour alone must not tell; it hides no symbol of a measure. */
const troubles = (colours: Palette, zooms: { minzoom?: number; maxzoom?: number }): LayerSpecification => (
  { id: "light-troubles", type: "symbol", source: LIGHTS, ...zooms, filter: ["==", ["get", "state"], "trouble"],
    layout: { "text-field": "!", "text-font": FONT, "text-size": 15, "text-anchor": "left", "text-offset": [0.5, 0],
      "text-allow-overlap": true, "text-ignore-placement": true },
    paint: text(colours) });

/** Troubles, and the fixes of the chosen light. */
export const LIVE_LAYERS: Extras = {
  sources: [TRAIL],
  below: ({ mark }) => [
    { id: "trail", type: "line", source: TRAIL, filter: ["==", ["geometry-type"], "LineString"],
      layout: { "line-join": "round", "line-cap": "round" },
      paint: { "line-color": mark.halo, "line-width": 2, "line-opacity": 0.7 } },
    { id: "trail-fixes", type: "circle", source: TRAIL, filter: ["==", ["geometry-type"], "Point"],
      paint: { "circle-radius": 4, "circle-stroke-width": 1.5, "circle-stroke-color": mark.halo,
        "circle-color": ["case", ["==", ["get", "verdict"], "used"], mark.halo, mark.casing] } },
  ],
  above: (colours) => [troubles(colours, { minzoom: LIGHTS_FROM_ZOOM })],
};

export const FLEET_LAYERS: Extras = {
  sources: [DEPOTS, ...LIVE_LAYERS.sources],
  below: (colours) => [
    { id: "depots", type: "fill", source: DEPOTS, paint: { "fill-color": colours.mark.note, "fill-opacity": 0.14 } },
    { id: "depot-edges", type: "line", source: DEPOTS,
      paint: { "line-color": colours.mark.note, "line-width": 1.5, "line-dasharray": [3, 2] } },
    ...LIVE_LAYERS.below(colours),
  ],
  above: (colours) => [
    { id: "depot-names", type: "symbol", source: DEPOTS, minzoom: 12,
      layout: { "text-field": ["get", "name"], "text-font": FONT, "text-size": 13, "text-anchor": "top", "text-offset": [0, 1] },
      paint: text(colours) },
    troubles(colours, { maxzoom: 13 }),
    { id: "light-words", type: "symbol", source: LIGHTS, minzoom: 13, filter: ["!=", ["get", "words"], ""],
      layout: { "text-field": ["step", ["zoom"], ["get", "words"], 16, ["concat", ["get", "id"], "\n", ["get", "words"]]],
        "text-font": FONT, "text-size": 12.5, "text-anchor": "left", "text-offset": [0.8, 0], "text-justify": "left",
        "text-optional": true },
      paint: text(colours) },
  ],
};
