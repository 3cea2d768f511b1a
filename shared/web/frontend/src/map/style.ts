/** The muted base map: our own vector tiles, names drawn with the page's own font, nothing asked of third parties. */

import type {
  DataDrivenPropertyValueSpecification as Value, ExpressionSpecification as Expression, FilterSpecification,
  LayerSpecification, StyleSpecification,
} from "maplibre-gl";
import type { Palette } from "./palette";

export const BASE = "base";
export const FONT = ["Fira Sans"];

const MAIN = ["motorway", "motorway_link", "trunk", "trunk_link", "primary", "primary_link"];
const MIDDLE = ["secondary", "secondary_link", "tertiary", "tertiary_link"];
const SMALL = ["service", "busway", "pedestrian"];
const PATHS = ["footway", "cycleway", "path", "track", "steps", "bridleway"];

const CLASS: Expression = ["get", "class"];
const byClass = (main: number, middle: number, minor: number, small: number): Expression =>
  ["match", CLASS, MAIN, main, MIDDLE, middle, SMALL, small, minor];
const isPath: Expression = ["in", CLASS, ["literal", PATHS]];
const isStreet: Expression = ["!", ["in", CLASS, ["literal", PATHS]]];

/** Pixels; from 16 on about true to scale, so that a closed lane looks like one. */
function width(extra: number): Value<number> {
  const add = (expression: Expression): Expression => ["+", expression, extra];
  return ["interpolate", ["exponential", 1.6], ["zoom"],
    10, add(byClass(1.4, 0.7, 0.2, 0)),
    12, add(byClass(2.6, 1.6, 0.6, 0.2)),
    14, add(byClass(5.5, 4, 2.4, 1)),
    16, add(byClass(12, 10, 7, 4)),
    19, add(byClass(52, 46, 36, 20))];
}

export function style(colours: Palette, tiles: string | null): StyleSpecification {
  return {
    version: 8,
    sources: tiles ? { [BASE]: { type: "vector", url: `pmtiles://${tiles}` } } : {},
    layers: [
      { id: "ground", type: "background", paint: { "background-color": colours.ground } },
      ...(tiles ? [...areas(colours), ...streets(colours), ...names(colours)] : []),
    ],
  };
}

function areas(colours: Palette): LayerSpecification[] {
  const from = { source: BASE };
  return [
    { id: "green", type: "fill", ...from, "source-layer": "green", paint: { "fill-color": colours.green } },
    { id: "water", type: "fill", ...from, "source-layer": "water", filter: ["==", ["geometry-type"], "Polygon"],
      paint: { "fill-color": colours.water } },
    { id: "waterways", type: "line", ...from, "source-layer": "water", filter: ["==", ["geometry-type"], "LineString"],
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": colours.water, "line-width": ["interpolate", ["exponential", 1.5], ["zoom"],
        11, ["match", ["get", "kind"], "river", 2, 0.5], 16, ["match", ["get", "kind"], "river", 14, 3]] } },
    { id: "buildings", type: "fill", ...from, "source-layer": "buildings", minzoom: 14.5,
      paint: { "fill-color": colours.building, "fill-outline-color": colours["building-edge"],
        "fill-opacity": ["interpolate", ["linear"], ["zoom"], 14.5, 0, 15.2, 1] } },
  ];
}

function streets(colours: Palette): LayerSpecification[] {
  const from = { source: BASE, "source-layer": "streets" };
  const sort = byClass(4, 3, 2, 1);
  const round = { "line-cap": "round", "line-join": "round", "line-sort-key": sort } as const;
  const colour = (main: string, other: string): Expression => ["match", CLASS, MAIN, main, other];
  return [
    { id: "paths", type: "line", ...from, filter: isPath, minzoom: 14.5, layout: { "line-join": "round" },
      paint: { "line-color": colours.path, "line-dasharray": [2.5, 1.6],
        "line-width": ["interpolate", ["linear"], ["zoom"], 15, 0.8, 19, 3.5] } },
    { id: "street-edges", type: "line", ...from, filter: isStreet, minzoom: 11, layout: round,
      paint: { "line-color": colour(colours["main-street-edge"], colours["street-edge"]), "line-width": width(1.8),
        "line-opacity": ["interpolate", ["linear"], ["zoom"], 11.5, 0.5, 14, 1] } },
    { id: "streets", type: "line", ...from, filter: isStreet, layout: round,
      paint: { "line-color": colour(colours["main-street"], colours.street), "line-width": width(0) } },
    { id: "oneway", type: "symbol", ...from, minzoom: 16, filter: ["all", isStreet, ["==", ["get", "oneway"], 1]],
      layout: { "symbol-placement": "line", "symbol-spacing": 140, "text-field": "→", "text-font": FONT,
        "text-size": 13, "text-keep-upright": false, "text-padding": 12 },
      paint: { "text-color": colours.oneway } },
  ];
}

function names(colours: Palette): LayerSpecification[] {
  const halo = { "text-halo-color": colours["name-halo"], "text-halo-width": 1.6 };
  return [
    { id: "water-names", type: "symbol", source: BASE, "source-layer": "water", minzoom: 13,
      filter: ["all", ["has", "name"], ["==", ["geometry-type"], "LineString"]],
      layout: { "symbol-placement": "line", "symbol-spacing": 500, "text-field": ["get", "name"], "text-font": FONT,
        "text-size": 13, "text-letter-spacing": 0.12 },
      paint: { ...halo, "text-color": colours["water-name"], "text-halo-color": colours.water } },
    { id: "street-names", type: "symbol", source: BASE, "source-layer": "streets", minzoom: 12.5,
      filter: ["all", ["has", "name"], ["step", ["zoom"],
        ["in", CLASS, ["literal", MAIN]],
        13.5, ["in", CLASS, ["literal", [...MAIN, ...MIDDLE]]],
        14.5, isStreet,
        16.5, true]] as FilterSpecification,
      layout: { "symbol-placement": "line", "symbol-spacing": 320, "symbol-sort-key": byClass(1, 2, 3, 4),
        "text-field": ["get", "name"], "text-font": FONT, "text-letter-spacing": 0.02, "text-max-angle": 30,
        "text-padding": 6, "text-size": ["interpolate", ["linear"], ["zoom"], 12, byClass(11, 10.5, 10, 10),
          16, byClass(14, 13.5, 12.5, 12), 19, byClass(18, 17, 16, 15)] },
      paint: { ...halo, "text-color": colours.name } },
    { id: "place-names", type: "symbol", source: BASE, "source-layer": "places", maxzoom: 15.5,
      layout: { "text-field": ["upcase", ["get", "name"]], "text-font": FONT, "text-letter-spacing": 0.12,
        "text-max-width": 9, "text-padding": 8,
        "text-size": ["match", ["get", "kind"], ["city", "town"], 16, ["suburb", "village"], 12.5, 11] },
      paint: { ...halo, "text-color": colours["place-name"],
        "text-opacity": ["interpolate", ["linear"], ["zoom"], 14.5, 1, 15.5, 0] } },
  ];
}
