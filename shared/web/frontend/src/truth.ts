/** What we know of a measure and from whom: one visual and one verbal language (pages.md § what we know). */

import type { Properties } from "./feature";
import { metres, middle } from "./geometry";
import { at, day, ending, since } from "./times";

/** How the line is drawn. */
export type Look = "ordered" | "measured" | "not_set_up" | "silent";
export interface Badge {
  readonly icon: string;
  readonly label: string;
  readonly urgent?: boolean;
}

/** Below that the order and the lights agree: lights stand a little beside the drawn line. */
const DEVIATES_FROM_M = 25;
const FADES_OVER_MS = 24 * 3_600_000;
const COMPASS = ["nördlich", "nordöstlich", "östlich", "südöstlich", "südlich", "südwestlich", "westlich", "nordwestlich"];

export function lookOf(measure: Properties): Look {
  if (measure.on_site === "not_set_up") return "not_set_up";
  if (measure.provenance.place !== "measured") return "ordered";
  return measure.on_site === "silent" ? "silent" : "measured";
}

export function deviates(measure: Properties): boolean {
  if (!measure.ordered.geometry || !measure.measured?.geometry) return false;
  return (measure.deviation_m ?? 0) > Math.max(DEVIATES_FROM_M, 1.5 * (measure.place_accuracy_m ?? 0));
}

/** 1 while it lasts; falls to 0.25 over the 24 h after the end. */
export function opacityOf(measure: Properties, now: Date): number {
  if (measure.status === "cancelled") return 0.25;
  if (measure.status !== "ended") return 1;
  const ended = new Date(measure.end ?? measure.version_time ?? now);
  return Math.max(0.25, 0.75 - (0.5 * (now.getTime() - ended.getTime())) / FADES_OVER_MS);
}

export function badges(measure: Properties): Badge[] {
  const found: Badge[] = [];
  if (measure.status === "overrunning") found.push({ icon: "late", label: "Frist überschritten", urgent: true });
  found.push(place(measure));
  if (measure.status === "planned") found.push({ icon: "calendar", label: "Geplant" });
  if (measure.status === "suspended") found.push({ icon: "pause", label: "Unterbrochen" });
  return found;
}

function place(measure: Properties): Badge {
  if (measure.status === "cancelled") return { icon: "ended", label: "Entfällt" };
  if (measure.status === "ended") return { icon: "ended", label: "Beendet" };
  if (measure.on_site === "not_set_up") return { icon: "missing", label: "Nicht eingerichtet" };
  if (measure.on_site === "silent") return { icon: "silent", label: "Ohne Signal" };
  if (deviates(measure)) return { icon: "deviates", label: "Lage weicht ab" };
  return measure.provenance.place === "measured"
    ? { icon: "measured", label: "Gemessen" }
    : { icon: "ordered", label: "Angeordnet" };
}

/** One or two sentences without a full stop, the most important first. */
export function words(measure: Properties, now: Date): string[] {
  const late = measure.status === "overrunning" && measure.ordered.end;
  return [...(late ? [`sollte ${ending(new Date(late), now)} enden`] : []), ...placeWords(measure, now)];
}

function placeWords(measure: Properties, now: Date): string[] {
  const observed = measure.observed_at ? new Date(measure.observed_at) : null;
  if (measure.status === "ended" && measure.end) {
    const source = measure.provenance.end === "measured" ? "laut Warnleuchten " : "";
    return [`${source}${since(new Date(measure.end), now)} ${source ? "abgebaut" : "beendet"}`];
  }
  if (measure.on_site === "not_set_up") {
    return [`angeordnet ab ${day(new Date(measure.start), now)}, vor Ort noch keine Warnleuchten erkannt`];
  }
  if (measure.on_site === "silent" && observed) {
    const whose = measure.provenance.place === "measured" ? ", Lage laut letzter Messung" : "";
    return [`${since(observed, now)} ohne Signal${whose}`];
  }
  if (measure.provenance.place === "measured" && observed) {
    return [...(deviates(measure) ? [deviation(measure)] : []), `gemessen ${at(observed, now)}${accuracy(measure)}`];
  }
  const order = `laut Anordnung ab ${day(new Date(measure.ordered.start ?? measure.start), now)}`;
  return measure.status === "active" && measure.on_site === "unknown" ? [order, "keine Warnleuchten zugeordnet"] : [order];
}

function accuracy(measure: Properties): string {
  return measure.place_accuracy_m === null ? "" : `, auf etwa ${Math.ceil(measure.place_accuracy_m)} m genau`;
}

function deviation(measure: Properties): string {
  const far = Math.round((measure.deviation_m ?? 0) / 10) * 10;
  const ordered = measure.ordered.geometry && middle(measure.ordered.geometry);
  const measured = measure.measured?.geometry && middle(measure.measured.geometry);
  if (!ordered || !measured) return `steht etwa ${far} m neben der angeordneten Stelle`;
  const { east, north } = metres(ordered, measured);
  const sector = Math.round((Math.atan2(east, north) * 4) / Math.PI + 8) % 8;
  return `steht etwa ${far} m weiter ${COMPASS[sector]} als angeordnet`;
}
