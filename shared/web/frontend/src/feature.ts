/** What the server says of a measure (`/map/measures.json`) and of a light. Times RFC 3339, positions WGS 84 lon-lat. */

import type { Group } from "./effect";

export type Status = "planned" | "active" | "suspended" | "overrunning" | "ended" | "cancelled";
export type Traveller = "car" | "truck" | "bus" | "bicycle" | "foot";
/** How the line is drawn: from whom we know. */
export type Look = "ordered" | "measured" | "not_set_up" | "silent";
export type Badge = readonly [icon: string, label: string, urgent: boolean];

/** All words are the server's; members that are absent are false, empty or unknown. */
export interface Item {
  readonly id: string;
  readonly number: string;
  readonly version: number;
  readonly kind: string;
  readonly group: Group;
  readonly look: Look;
  readonly status: Status;
  readonly late?: boolean;
  readonly start: string;
  readonly end?: string;
  readonly place: string;
  readonly district?: string;
  readonly effect: string;
  readonly badges: readonly Badge[];
  readonly words: string;
  /** Who does not get through freely. */
  readonly hinders: readonly Traveller[];
  /** Whether lights carry the line's first and last end. */
  readonly ends?: readonly [boolean, boolean];
  /** The ordered place, where the lights tell of another one. */
  readonly ghost?: GeoJSON.Geometry;
  /** Items stand in the order of this text. */
  readonly sort: string;
}

export interface Measure {
  readonly type: "Feature";
  readonly id: string;
  readonly geometry: GeoJSON.Geometry;
  readonly properties: Item;
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
