import type { Measure, Properties } from "../src/feature";

export const NOW = new Date("2026-03-05T13:05:00Z"); // 14:05 in Berlin

const ROAD: GeoJSON.LineString = { type: "LineString", coordinates: [[8.27, 50.0], [8.272, 50.0]] };
const CLOSED: Properties = {
  id: "de-test-1", permit_number: "61-1", version: 1, version_time: null, authority: "Straßenverkehrsbehörde",
  district: "Altstadt", measure: "road_closed", control: null, headline: "Rheinstraße: Vollsperrung bis 14. März 2026.",
  street: "Rheinstraße", from_street: null, to_street: null, direction: "both", lanes_total: null, lanes_closed: null,
  residual_width_m: null, speed_limit_kph: null, affects: null, exempt: [], detour: null,
  start: "2026-03-03T06:00:00Z", end: "2026-03-14T16:00:00Z", schedule: null, status: "active",
  provenance: { place: "ordered", place_from: "ordered", place_to: "ordered", start: "ordered", end: "ordered" },
  ordered: { geometry: ROAD, start: "2026-03-03T06:00:00Z", end: "2026-03-14T16:00:00Z" },
  measured: null, deviation_m: null, place_accuracy_m: null, observed_at: null, observed_lights: null, on_site: "unknown",
};
const MEASURED: Partial<Properties> = {
  provenance: { place: "measured", place_from: "measured", place_to: "measured", start: "measured", end: "ordered" },
  measured: { geometry: ROAD, start: null, end: null }, deviation_m: 2, place_accuracy_m: 4.2,
  observed_at: "2026-03-05T13:03:00Z", observed_lights: 9, on_site: "set_up",
};

export const ordered = (change: Partial<Properties> = {}): Properties => ({ ...CLOSED, ...change });
export const measured = (change: Partial<Properties> = {}): Properties => ({ ...CLOSED, ...MEASURED, ...change });
export const feature = (properties: Properties): Measure =>
  ({ type: "Feature", id: properties.id, geometry: ROAD, properties });
export const moved = (metresNorth: number): GeoJSON.LineString =>
  ({ ...ROAD, coordinates: ROAD.coordinates.map(([lon, lat]) => [lon ?? 0, (lat ?? 0) + metresNorth / 111_320]) });
