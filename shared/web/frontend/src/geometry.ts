/** Plain geometry on lon-lat positions; distances in metres, good to a per cent within a city. */

export type Position = [lon: number, lat: number];
export type Line = Position[];

const METRES_PER_DEGREE = 111_320;

export function metres(from: Position, to: Position): { east: number; north: number } {
  const shrink = Math.cos((from[1] * Math.PI) / 180);
  return {
    east: (to[0] - from[0]) * METRES_PER_DEGREE * shrink,
    north: (to[1] - from[1]) * METRES_PER_DEGREE,
  };
}

export function distance(from: Position, to: Position): number {
  const { east, north } = metres(from, to);
  return Math.hypot(east, north);
}

/** All lines of a geometry: of a polygon its rings, of a point none. */
export function lines(geometry: GeoJSON.Geometry): Line[] {
  switch (geometry.type) {
    case "LineString":
      return [geometry.coordinates as Line];
    case "MultiLineString":
    case "Polygon":
      return geometry.coordinates as Line[];
    case "MultiPolygon":
      return (geometry.coordinates as Line[][]).flat();
    case "GeometryCollection":
      return geometry.geometries.flatMap(lines);
    default:
      return [];
  }
}

export function positions(geometry: GeoJSON.Geometry): Position[] {
  if (geometry.type === "Point") return [geometry.coordinates as Position];
  if (geometry.type === "MultiPoint") return geometry.coordinates as Position[];
  return lines(geometry).flat();
}

/** Where to put one symbol: half-way along the longest line, the middle of an area, the point itself. */
export function middle(geometry: GeoJSON.Geometry): Position | null {
  const all = positions(geometry);
  if (geometry.type.endsWith("Polygon")) return centre(all);
  const longest = lines(geometry).sort((a, b) => length(b) - length(a))[0];
  return longest ? along(longest, length(longest) / 2) : (all[0] ?? null);
}

export function bounds(all: readonly Position[]): [Position, Position] | null {
  if (all.length === 0) return null;
  const [lons, lats] = [all.map((one) => one[0]), all.map((one) => one[1])];
  return [
    [Math.min(...lons), Math.min(...lats)],
    [Math.max(...lons), Math.max(...lats)],
  ];
}

function centre(all: readonly Position[]): Position | null {
  const box = bounds(all);
  return box && [(box[0][0] + box[1][0]) / 2, (box[0][1] + box[1][1]) / 2];
}

function length(line: Line): number {
  return line.slice(1).reduce((sum, position, index) => sum + distance(line[index] as Position, position), 0);
}

function along(line: Line, wanted: number): Position {
  let left = wanted;
  for (const [index, to] of line.slice(1).entries()) {
    const from = line[index] as Position;
    const step = distance(from, to);
    if (step >= left && step > 0) {
      const share = left / step;
      return [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share];
    }
    left -= step;
  }
  return line.at(-1) as Position;
}
