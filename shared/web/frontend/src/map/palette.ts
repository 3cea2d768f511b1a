/** Colours stand once, in styles/tokens.css, for light and dark; the map reads them there. */

import type { Group } from "../effect";

const NAMES = [
  "ground", "water", "water-name", "green", "building", "building-edge", "street", "street-edge", "main-street",
  "main-street-edge", "path", "name", "name-halo", "place-name", "oneway",
] as const;
const MARKS = ["closed", "restricted", "narrow", "path", "note", "late", "casing", "bracket", "halo", "cluster",
  "on-mark", "light-on", "light-off", "light-trouble", "light-edge", "me"] as const;

export type Palette = Readonly<Record<(typeof NAMES)[number], string>> & {
  readonly mark: Readonly<Record<(typeof MARKS)[number] | Group, string>>;
};

export function palette(): Palette {
  const computed = getComputedStyle(document.documentElement);
  const read = (name: string): string => computed.getPropertyValue(`--lb-${name}`).trim() || "#888888";
  const named = <N extends string>(names: readonly N[], prefix: string): Record<N, string> =>
    Object.fromEntries(names.map((name) => [name, read(`${prefix}-${name}`)])) as Record<N, string>;
  return { ...named(NAMES, "map"), mark: named(MARKS, "mark") };
}
