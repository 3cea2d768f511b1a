import type { Item, Measure } from "../src/feature";

export const NOW = new Date("2026-03-05T13:05:00Z"); // 14:05 in Berlin

const ROAD: GeoJSON.LineString = { type: "LineString", coordinates: [[8.27, 50.0], [8.272, 50.0]] };
const CLOSED: Item = {
  id: "de-test-1", number: "61-1", version: 1, kind: "road_closed", group: "closed", look: "ordered", status: "active",
  start: "2026-03-03T06:00:00Z", end: "2026-03-14T16:00:00Z", place: "Rheinstraße", district: "Altstadt",
  effect: "Vollsperrung bis 14. März 2026.", badges: [["ordered", "Angeordnet", false]],
  words: "Laut Anordnung ab 3. März.", hinders: ["car", "truck", "bus"], sort: "00rheinstrasse de-test-1",
};

export const item = (change: Partial<Item> = {}): Item => ({ ...CLOSED, ...change });
export const feature = (properties: Item): Measure => ({ type: "Feature", id: properties.id, geometry: ROAD, properties });
export const moved = (metresNorth: number): GeoJSON.LineString =>
  ({ ...ROAD, coordinates: ROAD.coordinates.map(([lon, lat]) => [lon ?? 0, (lat ?? 0) + metresNorth / 111_320]) });
