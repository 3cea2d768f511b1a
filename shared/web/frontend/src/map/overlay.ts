/** The layers above the base map: what is on the street, in the visual language of pages.md. */

import type {
  DataDrivenPropertyValueSpecification as Value, ExpressionSpecification as Expression, FilterSpecification,
  LayerSpecification, SourceSpecification,
} from "maplibre-gl";
import { GROUPS } from "../effect";
import type { Palette } from "./palette";
import { FONT } from "./style";
import { EXTENTS_FROM_ZOOM } from "./zooms";

export const SHAPES = "shapes";
export const SYMBOLS = "symbols";
export const LIGHTS = "lights";
export const FOCUS = "focus";
export const ME = "me";
export const CLICKABLE = ["focus", "symbols", "lines", "hatched", "areas", "spots"];
export const EMPTY: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };

export function sources(): Record<string, SourceSpecification> {
  const data = EMPTY;
  return {
    [SHAPES]: { type: "geojson", data, tolerance: 0.2 },
    [SYMBOLS]: { type: "geojson", data, filter: ["get", "lead"], cluster: true, clusterRadius: 44,
      clusterMaxZoom: EXTENTS_FROM_ZOOM - 1 },
    [FOCUS]: { type: "geojson", data },
    [LIGHTS]: { type: "geojson", data },
    [ME]: { type: "geojson", data },
  };
}

const part = (name: string): Expression => ["==", ["get", "part"], name];
const looks = (...names: string[]): Expression => ["in", ["get", "look"], ["literal", names]];
const OPACITY: Value<number> = ["get", "opacity"];
const WEIGHT: Value<number> = ["get", "weight"];

function widths(add: number): Value<number> {
  const by = (closed: number, restricted: number, other: number): Expression =>
    ["+", add, ["match", ["get", "group"], "closed", closed, "restricted", restricted, other]];
  return ["interpolate", ["linear"], ["zoom"], 14, by(4.5, 4, 3), 16, by(7, 6, 4.5), 19, by(12, 10, 8)];
}

/** `lightsFrom`: the zoom from which single lights are shown. */
export function layers(colours: Palette, lightsFrom: number): LayerSpecification[] {
  return [...extents(colours), ...lights(colours, lightsFrom), ...symbols(colours), ...focus(colours), ...me(colours)];
}

function groupColour(colours: Palette): Expression {
  const pairs = GROUPS.flatMap((group) => [group, colours.mark[group]]);
  return ["match", ["get", "group"], ...pairs, colours.mark.note] as unknown as Expression;
}

function extents(colours: Palette): LayerSpecification[] {
  const from = { source: SHAPES, minzoom: EXTENTS_FROM_ZOOM };
  const colour = groupColour(colours);
  const join = { "line-join": "round", "line-sort-key": WEIGHT } as const;
  const round = { ...join, "line-cap": "round" } as const;
  const lineLooks: FilterSpecification = ["all", part("line"), ["!", looks("not_set_up")]];
  return [
    { id: "areas", type: "fill", ...from, filter: part("area"),
      paint: { "fill-color": colour, "fill-opacity": ["*", 0.16, ["get", "opacity"]] } },
    { id: "halo", type: "line", ...from, filter: chosen([]), layout: round,
      paint: { "line-color": colours.mark.halo, "line-width": widths(14), "line-opacity": 0.4 } },
    { id: "brackets", type: "line", ...from, filter: part("bracket"),
      paint: { "line-color": colours.mark.bracket, "line-width": 1.4, "line-opacity": OPACITY } },
    { id: "late-edges", type: "line", ...from, filter: ["all", part("line"), ["get", "late"]], layout: round,
      paint: { "line-color": colours.mark.late, "line-width": widths(8) } },
    { id: "casings", type: "line", ...from, filter: part("line"), layout: round,
      paint: { "line-color": colours.mark.casing, "line-width": widths(3), "line-opacity": OPACITY } },
    { id: "hatched", type: "line", ...from, filter: ["all", part("line"), looks("not_set_up")], layout: join,
      paint: { "line-pattern": ["concat", "hatch|", ["get", "group"]], "line-width": widths(0), "line-opacity": OPACITY } },
    { id: "lines", type: "line", ...from, filter: lineLooks, layout: join,
      paint: { "line-color": colour, "line-width": widths(0), "line-opacity": OPACITY,
        "line-dasharray": ["match", ["get", "look"], "ordered", ["literal", [1.6, 1.1]],
          "silent", ["literal", [4, 0.7, 1.2, 0.7]], ["literal", [1, 0]]] } },
    { id: "ends", type: "circle", ...from, filter: ["any", part("cap"), part("spot")],
      layout: { "circle-sort-key": WEIGHT },
      paint: { "circle-color": ["case", ["get", "filled"], colour, colours.mark.casing], "circle-stroke-color": colour,
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 14, 3, 17, 5], "circle-stroke-width": 2,
        "circle-opacity": OPACITY, "circle-stroke-opacity": OPACITY } },
    { id: "spots", type: "circle", ...from, filter: part("spot"),
      paint: { "circle-color": colour, "circle-opacity": 0.16, "circle-radius": 12 } },
  ];
}

function symbols(colours: Palette): LayerSpecification[] {
  const clustered: Expression = ["has", "point_count"];
  return [
    { id: "clusters", type: "circle", source: SYMBOLS, filter: clustered,
      paint: { "circle-color": colours.mark.cluster, "circle-stroke-color": colours.mark.casing, "circle-stroke-width": 2,
        "circle-radius": ["step", ["get", "point_count"], 18, 10, 20, 50, 23, 200, 28] } },
    { id: "cluster-counts", type: "symbol", source: SYMBOLS, filter: clustered,
      layout: { "text-field": ["get", "point_count_abbreviated"], "text-font": FONT, "text-size": 17,
        "text-allow-overlap": true },
      paint: { "text-color": colours.mark["on-mark"] } },
    { id: "symbols", type: "symbol", source: SYMBOLS, filter: ["!", clustered],
      layout: { "icon-image": ["get", "image"], "icon-anchor": "bottom", "icon-padding": 0,
        "symbol-sort-key": ["-", 0, ["get", "weight"]], "icon-allow-overlap": ["step", ["zoom"], true, 14, false],
        "icon-size": ["interpolate", ["linear"], ["zoom"], 11, 0.8, 13, 1] },
      paint: { "icon-opacity": OPACITY } },
  ];
}

/** The measure that the reader is at, even where a cluster hides it. */
function focus(colours: Palette): LayerSpecification[] {
  return [
    { id: "focus-halo", type: "circle", source: FOCUS,
      paint: { "circle-color": colours.mark.halo, "circle-opacity": 0.4, "circle-radius": 23, "circle-translate": [0, -23] } },
    { id: "focus", type: "symbol", source: FOCUS,
      layout: { "icon-image": ["get", "image"], "icon-anchor": "bottom", "icon-allow-overlap": true } },
  ];
}

/** `state` of a light: on, off, trouble (silent, moved, fallen, faulty lamp, empty battery). */
function lights(colours: Palette, minzoom: number): LayerSpecification[] {
  const { mark } = colours;
  const state: Expression = ["get", "state"];
  return [
    { id: "lights", type: "circle", source: LIGHTS, minzoom,
      paint: {
        "circle-color": ["match", state, "on", mark["light-on"], "trouble", mark["light-trouble"], mark.casing],
        "circle-stroke-color": ["match", state, "off", mark["light-off"], "trouble", mark["light-trouble"], mark["light-edge"]],
        "circle-stroke-width": ["interpolate", ["linear"], ["zoom"],
          12, ["case", ["get", "chosen"], 5, 0.8], 15, ["case", ["get", "chosen"], 5, 1.5]],
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 11, 2, 14, 3, 17, 5.5],
      } },
  ];
}

function me(colours: Palette): LayerSpecification[] {
  return [{ id: "me", type: "circle", source: ME,
    paint: { "circle-color": colours.mark.me, "circle-radius": 7, "circle-stroke-color": "#ffffff", "circle-stroke-width": 3 } }];
}

/** The filter of the halo layer: the extents of these measures. */
export function chosen(ids: readonly string[]): FilterSpecification {
  return ["all", ["in", ["get", "id"], ["literal", [...ids]]], ["in", ["get", "part"], ["literal", ["line", "spot"]]]];
}
