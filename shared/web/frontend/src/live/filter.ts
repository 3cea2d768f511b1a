/** Which measures the reader wants to see, and in which order they stand in the list. */

import { groupOf, weightOf, type Group } from "../effect";
import type { Measure, Properties, Status, Traveller } from "../feature";
import { answers } from "../passage";

export interface Filter {
  readonly time: "now" | "week" | "range";
  /** Days `YYYY-MM-DD`, only of a range; empty: open. */
  readonly from: string;
  readonly to: string;
  readonly group: Group | "";
  readonly traveller: Traveller | "";
  readonly search: string;
}

export const NO_FILTER: Filter = { time: "now", from: "", to: "", group: "", traveller: "", search: "" };

const GERMAN = new Intl.Collator("de");
const WEEK_MS = 7 * 86_400_000;
const RANK: Readonly<Record<Status, number>> = {
  overrunning: 0, active: 0, suspended: 0, planned: 1, ended: 2, cancelled: 2,
};
const NAMES: Readonly<Record<Traveller, string>> = {
  car: "Auto", truck: "Lkw", bus: "Bus", bicycle: "Fahrrad", foot: "Zu Fuß",
};

export function selected(all: Iterable<Measure>, filter: Filter, now: Date): Measure[] {
  return [...all].filter((one) => matches(one.properties, filter, now)).sort(inOrder);
}

function matches(measure: Properties, filter: Filter, now: Date): boolean {
  return (
    inTime(measure, filter, now) &&
    (!filter.group || groupOf(measure.measure) === filter.group) &&
    (!filter.traveller || hinders(measure, filter.traveller)) &&
    found(measure, filter.search)
  );
}

function inTime(measure: Properties, filter: Filter, now: Date): boolean {
  if (filter.time === "now") return measure.status !== "planned" && measure.status !== "cancelled";
  const [from, to] = period(filter, now);
  return new Date(measure.start) < to && (measure.end === null || new Date(measure.end) > from);
}

function period(filter: Filter, now: Date): [Date, Date] {
  if (filter.time === "week") return [now, new Date(now.getTime() + WEEK_MS)];
  const from = filter.from ? new Date(`${filter.from}T00:00`) : new Date(0);
  return [from, filter.to ? new Date(`${filter.to}T23:59:59`) : new Date(8.64e15)];
}

function hinders(measure: Properties, traveller: Traveller): boolean {
  return answers(measure).some((one) => one.who === NAMES[traveller] && one.verdict !== "free");
}

function found(measure: Properties, search: string): boolean {
  if (!search) return true;
  const text = plain([measure.headline, measure.street, measure.district ?? "", measure.permit_number].join(" "));
  return plain(search).split(" ").every((word) => text.includes(word));
}

/** `Hauptstr.` finds `Hauptstraße`, `Muehlgasse` finds `Mühlgasse`. */
function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/ß/g, "ss").replace(/ä/g, "ae").replace(/ö/g, "oe").replace(/ü/g, "ue")
    .replace(/str(\.|\b)/g, "strasse")
    .trim().replace(/\s+/g, " ");
}

function inOrder(one: Measure, other: Measure): number {
  const [a, b] = [one.properties, other.properties];
  return (
    RANK[a.status] - RANK[b.status] ||
    weightOf(b.measure) - weightOf(a.measure) ||
    GERMAN.compare(a.street, b.street) ||
    GERMAN.compare(a.id, b.id)
  );
}
