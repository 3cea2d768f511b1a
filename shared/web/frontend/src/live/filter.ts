/** Which measures the reader wants to see, as they stand in the list: those of a site together; choice.py does the same. */

import type { Group } from "../effect";
import type { Item, Measure, Traveller } from "../feature";

/** Named as in the address and in the form. */
export interface Filter {
  readonly zeit: "jetzt" | "woche" | "neu" | "zeitraum";
  /** Days `YYYY-MM-DD`, only of a range; empty: open. */
  readonly von: string;
  readonly bis: string;
  readonly wirkung: Group | "";
  readonly verkehr: Traveller | "";
  readonly strasse: string;
}

export const NO_FILTER: Filter = { zeit: "jetzt", von: "", bis: "", wirkung: "", verkehr: "", strasse: "" };

export function same(one: Filter, other: Filter): boolean {
  return (Object.keys(NO_FILTER) as (keyof Filter)[]).every((name) => one[name] === other[name]);
}

const WEEK_MS = 7 * 86_400_000;
const [EARLIEST, LATEST] = [new Date(0), new Date(8.64e15)];

export function selected(all: Iterable<Measure>, filter: Filter, now: Date): Measure[] {
  const words = plain(filter.strasse).split(" ").filter(Boolean);
  const wanted = [...all].filter(({ properties: item }) => matches(item, filter, now) && found(item, words));
  wanted.sort((one, other) => compare(one.properties.sort, other.properties.sort));
  const gravest = new Map<string, string>();
  for (const { properties: item } of wanted) if (!gravest.has(item.number)) gravest.set(item.number, item.sort);
  const site = ({ properties }: Measure): string => gravest.get(properties.number) ?? "";
  return wanted.sort((one, other) => compare(site(one), site(other))); // a stable sort keeps the order within a site
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

/** Whether anything at all is called so, whatever else was chosen. */
export function anyOf(all: Iterable<Measure>, search: string): boolean {
  const words = plain(search).split(" ").filter(Boolean);
  return words.length > 0 && [...all].some(({ properties }) => found(properties, words));
}

/** Why the list is empty; `elsewhere`: at another time or for others there is something. choice.py does the same. */
export function nothing(filter: Filter, elsewhere: boolean): string {
  const range = filter.zeit === "zeitraum";
  if (range && filter.von && filter.bis && filter.von > filter.bis) return "„Von“ liegt nach „Bis“.";
  const bounded = filter.von || filter.bis ? "in diesem Zeitraum " : "";
  const when = { jetzt: "jetzt ", woche: "in den nächsten 7 Tagen ", neu: "", zeitraum: bounded }[filter.zeit];
  const fits = [
    filter.zeit === "neu" && "in den nächsten 7 Tagen beginnt",
    (filter.wirkung || filter.verkehr) && "zu dieser Auswahl passt",
  ].filter(Boolean);
  const fitting = fits.length > 0 ? `, die ${fits.join(" und ")}` : "";
  const search = filter.strasse.trim();
  const open = when ? `${when.charAt(0).toUpperCase()}${when.slice(1)}ist ` : "Es ist ";
  return `${search ? `Zu „${search}“ ist ${when}` : open}keine Baustelle bekannt${fitting}.${elsewhere ? " Sonst schon:" : ""}`;
}

function matches(item: Item, filter: Filter, now: Date): boolean {
  return (
    inTime(item, filter, now) &&
    (!filter.wirkung || item.group === filter.wirkung) &&
    (!filter.verkehr || item.hinders.includes(filter.verkehr))
  );
}

function inTime(item: Item, filter: Filter, now: Date): boolean {
  if (filter.zeit === "jetzt") return item.status !== "planned" && item.status !== "cancelled";
  const [[from, to], start] = [period(filter, now), new Date(item.start)];
  if (filter.zeit === "neu") return item.status === "planned" && start >= from && start < to;
  return start < to && (!item.end || new Date(item.end) > from);
}

function period(filter: Filter, now: Date): [Date, Date] {
  if (filter.zeit === "woche" || filter.zeit === "neu") return [now, new Date(now.getTime() + WEEK_MS)];
  const from = filter.von ? new Date(`${filter.von}T00:00`) : EARLIEST;
  return [from, filter.bis ? new Date(`${filter.bis}T23:59:59`) : LATEST];
}

function found(item: Item, words: readonly string[]): boolean {
  if (words.length === 0) return true; // folding a thousand texts takes time
  const text = plain(`${item.place} ${item.district ?? ""} ${item.number}`);
  return words.every((word) => text.includes(word));
}

/** `Hauptstr.` finds `Hauptstraße`, `Muehlgasse` finds `Mühlgasse`. */
export function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/ß/g, "ss").replace(/ä/g, "ae").replace(/ö/g, "oe").replace(/ü/g, "ue")
    .replace(/str(\.|\b)/g, "strasse")
    .trim().replace(/\s+/g, " ");
}
