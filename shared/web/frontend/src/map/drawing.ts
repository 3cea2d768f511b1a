/** Measures as the shapes that the map draws: lines by provenance, ends filled or hollow, brackets, one symbol each. */

import { groupOf, weightOf } from "../effect";
import type { Measure, Properties } from "../feature";
import { lines, middle, type Line, type Position } from "../geometry";
import { deviates, lookOf, opacityOf, type Look } from "../truth";

type Shape = GeoJSON.Feature<GeoJSON.Geometry, GeoJSON.GeoJsonProperties>;
export interface Drawing {
  readonly shapes: GeoJSON.FeatureCollection;
  readonly symbols: GeoJSON.FeatureCollection;
}

export function drawing(measures: readonly Measure[], now: Date): Drawing {
  return {
    shapes: collection(measures.flatMap((measure) => shapes(measure, now))),
    symbols: collection(measures.flatMap((measure) => symbol(measure, now))),
  };
}

export function collection(features: Shape[]): GeoJSON.FeatureCollection {
  return { type: "FeatureCollection", features };
}

function shapes({ geometry, properties: measure }: Measure, now: Date): Shape[] {
  const common = {
    id: measure.id,
    group: groupOf(measure.measure),
    weight: weightOf(measure.measure),
    opacity: opacityOf(measure, now),
    late: measure.status === "overrunning",
  };
  const { place_from: from, place_to: to } = measure.provenance;
  const ends: [boolean, boolean] = [from === "measured", to === "measured"];
  const drawn = extent(geometry, lookOf(measure), ends, common);
  return deviates(measure) ? [...ghost(measure, geometry, common), ...drawn] : drawn;
}

function extent(geometry: GeoJSON.Geometry, look: Look, ends: [boolean, boolean], common: object): Shape[] {
  const properties = { ...common, look };
  if (geometry.type === "Point") return [shape("spot", geometry, { ...properties, filled: look !== "ordered" })];
  if (geometry.type.endsWith("Polygon")) {
    return [shape("area", geometry, properties), ...lines(geometry).map((ring) => line("line", ring, properties))];
  }
  return lines(geometry).flatMap((each) => [line("line", each, properties), ...caps(each, ends, properties)]);
}

/** Filled: lights carry this end. Hollow: it is only ordered. */
function caps(each: Line, [from, to]: [boolean, boolean], properties: { look: Look }): Shape[] {
  if (properties.look === "not_set_up") return [];
  const cap = (at: Position | undefined, filled: boolean): Shape[] =>
    at ? [shape("cap", { type: "Point", coordinates: at }, { ...properties, filled })] : [];
  return [...cap(each[0], from), ...cap(each.at(-1), to)];
}

/** Order and lights disagree: the ordered line as well, and a thin bracket between the two. */
function ghost(measure: Properties, measured: GeoJSON.Geometry, common: object): Shape[] {
  const ordered = measure.ordered.geometry;
  if (!ordered) return [];
  const quiet = { ...common, late: false };
  return [...brackets(lines(ordered)[0], lines(measured)[0], quiet), ...extent(ordered, "ordered", [false, false], quiet)];
}

function brackets(ordered: Line | undefined, measured: Line | undefined, common: object): Shape[] {
  if (!ordered || !measured) return [];
  const legs: [Position | undefined, Position | undefined][] = [[ordered[0], measured[0]], [ordered.at(-1), measured.at(-1)]];
  return legs.flatMap(([one, other]) => (one && other ? [line("bracket", [one, other], common)] : []));
}

function symbol({ geometry, properties: measure }: Measure, now: Date): Shape[] {
  const at = middle(geometry);
  if (!at) return [];
  const late = measure.status === "overrunning";
  const image = ["pin", groupOf(measure.measure), measure.measure, lookOf(measure), late ? "late" : ""].join("|");
  const properties = { image, weight: weightOf(measure.measure), opacity: opacityOf(measure, now), id: measure.id };
  return [{ type: "Feature", geometry: { type: "Point", coordinates: at }, properties }];
}

function shape(part: string, geometry: GeoJSON.Geometry, properties: object): Shape {
  return { type: "Feature", geometry, properties: { part, ...properties } };
}

function line(part: string, coordinates: Line, properties: object): Shape {
  return shape(part, { type: "LineString", coordinates }, properties);
}
