/** What a measure does to those who want to pass: its group (colour and form on the map) and its name. */

import type { Kind } from "./feature";

/** Ordered by weight: the heavier one is drawn on top and stands first in the list. */
export const GROUPS = ["closed", "restricted", "narrow", "path", "note"] as const;
export type Group = (typeof GROUPS)[number];

export const GROUP_OF: Readonly<Record<Kind, Group>> = {
  road_closed: "closed",
  direction_closed: "closed",
  alternating: "restricted",
  lanes_closed: "restricted",
  contraflow: "restricted",
  lane_shift: "narrow",
  narrowed: "narrow",
  speed_limit: "narrow",
  turn_banned: "narrow",
  footway_closed: "path",
  cycleway_closed: "path",
  no_stopping: "note",
  stop_closed: "note",
  detour: "note",
  other: "note",
};

export function groupOf(kind: Kind): Group {
  return GROUP_OF[kind] ?? "note";
}

export function weightOf(kind: Kind): number {
  return GROUPS.length - GROUPS.indexOf(groupOf(kind));
}
