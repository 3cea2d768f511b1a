/** A place as the form keeps it: `lon,lat lon,lat …`; one position is a point, a closed ring an area. */

import { positions, type Position } from "../geometry";

const DECIMALS = 7;

export function placeOf(text: string): GeoJSON.Geometry | null {
  const all = text.trim().split(/[\s;]+/).map((pair) => pair.split(",").map(Number));
  if (!all.every((one): one is Position => one.length === 2 && one.every(Number.isFinite))) return null;
  const [first, last] = [all[0], all.at(-1)];
  if (!first || !last) return null;
  if (all.length === 1) return { type: "Point", coordinates: first };
  const closed = all.length > 3 && first[0] === last[0] && first[1] === last[1];
  return closed ? { type: "Polygon", coordinates: [all] } : { type: "LineString", coordinates: all };
}

export function textOf(place: GeoJSON.Geometry): string {
  const round = (figure: number): number => Number(figure.toFixed(DECIMALS));
  return positions(place).map(([lon, lat]) => `${round(lon)},${round(lat)}`).join(" ");
}
