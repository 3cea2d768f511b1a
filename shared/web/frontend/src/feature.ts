/** A feature of the feed (interfaces.md), as served; times RFC 3339 with offset, positions WGS 84 lon-lat. */

export type Kind =
  | "road_closed" | "direction_closed" | "alternating" | "lanes_closed" | "contraflow" | "lane_shift" | "narrowed"
  | "footway_closed" | "cycleway_closed" | "no_stopping" | "speed_limit" | "turn_banned" | "stop_closed" | "detour"
  | "other";
export type Status = "planned" | "active" | "suspended" | "overrunning" | "ended" | "cancelled";
export type Traveller = "car" | "truck" | "bus" | "bicycle" | "foot";
export type Exemption = "residents" | "bus" | "bicycle" | "emergency";
export type Source = "ordered" | "reported" | "measured";

export interface Claim {
  readonly geometry: GeoJSON.Geometry | null;
  readonly start: string | null;
  readonly end: string | null;
}

export interface Schedule {
  readonly daily_from: string | null;
  readonly daily_to: string | null;
  readonly weekdays: readonly number[] | null;
  readonly except: readonly string[];
}

export interface Properties {
  readonly id: string;
  readonly permit_number: string;
  readonly version: number;
  readonly version_time: string | null;
  readonly authority: string;
  readonly district: string | null;
  readonly measure: Kind;
  readonly control: string | null;
  readonly headline: string;
  readonly street: string;
  readonly from_street: string | null;
  readonly to_street: string | null;
  readonly direction: string;
  readonly lanes_total: number | null;
  readonly lanes_closed: number | null;
  readonly residual_width_m: number | null;
  readonly speed_limit_kph: number | null;
  readonly affects: readonly Traveller[] | null;
  readonly exempt: readonly Exemption[];
  readonly detour: string | null;
  readonly start: string;
  readonly end: string | null;
  readonly schedule: Schedule | null;
  readonly status: Status;
  readonly provenance: {
    readonly place: Source;
    readonly place_from: Source;
    readonly place_to: Source;
    readonly start: Source;
    readonly end: Source;
  };
  readonly ordered: Claim;
  readonly measured: Claim | null;
  readonly deviation_m: number | null;
  readonly place_accuracy_m: number | null;
  readonly observed_at: string | null;
  readonly observed_lights: number | null;
  readonly on_site: "set_up" | "not_set_up" | "cleared" | "silent" | "unknown";
}

export interface Measure {
  readonly type: "Feature";
  readonly id: string;
  readonly geometry: GeoJSON.Geometry;
  readonly properties: Properties;
}

/** A light as `/beacons/api/v1/lights.geojson` tells it. */
export interface Light {
  readonly type: "Feature";
  readonly geometry: GeoJSON.Point;
  readonly properties: {
    readonly device_id: string;
    readonly lamp: "on" | "off" | "fault" | "unknown";
    readonly silent: boolean;
    readonly moved: boolean;
    readonly fallen: boolean;
    /** Null for those who do not care for the lights, and always in the stream. */
    readonly battery_pct: number | null;
    readonly observed_at: string | null;
  };
}
