/** Measures as the shapes that the map draws: lines by provenance, ends filled or hollow, brackets, one symbol each. */

import { GROUPS, weightOf } from "../effect";
import type { Item, Look, Measure } from "../feature";
import { distance, lines, middle, type Line, type Position } from "../geometry";

type Shape = GeoJSON.Feature<GeoJSON.Geometry, GeoJSON.GeoJsonProperties>;
export interface Drawing {
  readonly shapes: GeoJSON.FeatureCollection;
  readonly symbols: GeoJSON.FeatureCollection;
}

const FADES_OVER_MS = 24 * 3_600_000;
/** Measures of one permit that are nearer than this stand at one place. */
const ONE_PLACE_M = 150;

export function drawing(measures: readonly Measure[], now: Date): Drawing {
  return {
    shapes: collection(measures.flatMap((measure) => shapes(measure, now))),
    symbols: collection(symbols(measures, now)),
  };
}

export function collection(features: Shape[]): GeoJSON.FeatureCollection {
  return { type: "FeatureCollection", features };
}

function shapes({ geometry, properties: item }: Measure, now: Date): Shape[] {
  const common = {
    id: item.id,
    group: item.group,
    weight: weightOf(item.group),
    opacity: opacityOf(item, now),
    late: item.late ?? false,
  };
  const drawn = extent(geometry, item.look, item.ends ?? [false, false], common);
  return item.ghost ? [...ghost(item.ghost, geometry, common), ...drawn] : drawn;
}

/** 1 while it lasts; falls to 0.25 over the 24 h after the end. */
export function opacityOf(item: Item, now: Date): number {
  if (item.status === "cancelled") return 0.25;
  if (item.status !== "ended" || !item.end) return 1;
  return Math.max(0.25, 0.75 - (0.5 * (now.getTime() - new Date(item.end).getTime())) / FADES_OVER_MS);
}

function extent(geometry: GeoJSON.Geometry, look: Look, ends: readonly [boolean, boolean], common: object): Shape[] {
  const properties = { ...common, look };
  if (geometry.type === "Point") return [shape("spot", geometry, { ...properties, filled: look !== "ordered" })];
  if (geometry.type.endsWith("Polygon")) {
    return [shape("area", geometry, properties), ...lines(geometry).map((ring) => line("line", ring, properties))];
  }
  return lines(geometry).flatMap((each) => [line("line", each, properties), ...caps(each, ends, properties)]);
}

/** Filled: lights carry this end. Hollow: it is only ordered. */
function caps(each: Line, [from, to]: readonly [boolean, boolean], properties: { look: Look }): Shape[] {
  if (properties.look === "not_set_up") return [];
  const cap = (at: Position | undefined, filled: boolean): Shape[] =>
    at ? [shape("cap", { type: "Point", coordinates: at }, { ...properties, filled })] : [];
  return [...cap(each[0], from), ...cap(each.at(-1), to)];
}

/** Order and lights disagree: the ordered line as well, and a thin bracket between the two. */
function ghost(ordered: GeoJSON.Geometry, measured: GeoJSON.Geometry, common: object): Shape[] {
  const quiet = { ...common, late: false };
  return [...brackets(lines(ordered)[0], lines(measured)[0], quiet), ...extent(ordered, "ordered", [false, false], quiet)];
}

function brackets(ordered: Line | undefined, measured: Line | undefined, common: object): Shape[] {
  if (!ordered || !measured) return [];
  const legs: [Position | undefined, Position | undefined][] = [[ordered[0], measured[0]], [ordered.at(-1), measured.at(-1)]];
  return legs.flatMap(([one, other]) => (one && other ? [line("bracket", [one, other], common)] : []));
}

/** One for each measure. `lead`: the heaviest of its permit at its place; the map shows these, so a site is one symbol. */
function symbols(measures: readonly Measure[], now: Date): Shape[] {
  const taken = new Map<string, Position[]>();
  const heaviest = [...measures].sort((one, other) => rank(other.properties) - rank(one.properties));
  return heaviest.flatMap((measure) => {
    const at = middle(measure.geometry);
    if (!at) return [];
    const { number } = measure.properties;
    const places = taken.get(number) ?? [];
    const lead = !places.some((place) => distance(place, at) < ONE_PLACE_M);
    if (lead) taken.set(number, [...places, at]);
    return [symbol(measure, at, lead, now)];
  });
}

/** What is over leads only where nothing else is. */
function rank({ group, status }: Item): number {
  return weightOf(group) - (status === "ended" || status === "cancelled" ? GROUPS.length : 0);
}

function symbol({ properties: item }: Measure, at: Position, lead: boolean, now: Date): Shape {
  const image = ["pin", item.group, item.kind, item.look, item.late ? "late" : ""].join("|");
  const properties = { image, weight: weightOf(item.group), opacity: opacityOf(item, now), id: item.id, lead };
  return { type: "Feature", geometry: { type: "Point", coordinates: at }, properties };
}

function shape(part: string, geometry: GeoJSON.Geometry, properties: object): Shape {
  return { type: "Feature", geometry, properties: { part, ...properties } };
}

function line(part: string, coordinates: Line, properties: object): Shape {
  return shape(part, { type: "LineString", coordinates }, properties);
}
