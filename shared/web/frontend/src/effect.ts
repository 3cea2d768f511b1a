/** The groups of effects: colour and form on the map, said per measure by the server. */

/** Ordered by weight: the heavier one is drawn on top. */
export const GROUPS = ["closed", "restricted", "narrow", "path", "note"] as const;
export type Group = (typeof GROUPS)[number];

export function weightOf(group: Group): number {
  return GROUPS.length - GROUPS.indexOf(group);
}
