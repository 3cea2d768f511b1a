/** The detail beside the map. It begins with the effect, then answers "Komme ich durch?", then says from whom we know. */

import type { Measure, Properties, Source } from "../feature";
import { part, type Stop } from "../modules";
import { answers, effectSentence } from "../passage";
import { at, ending, moment, weekdays } from "../times";
import { fill, parted } from "./item";
import { copy, icon, sentence, slot, write } from "./slots";

const SOURCES: Readonly<Record<Source, string>> = {
  ordered: "laut Anordnung",
  reported: "gemeldet",
  measured: "von Warnleuchten gemessen",
};
const VERDICT_ICONS = { free: "yes", hindered: "slow", blocked: "no", unknown: "unknown" } as const;

export interface Detail {
  open(measure: Measure): void;
  /** Bring the open one up to date, without moving anything. */
  update(measure: Measure): void;
  close(): void;
  stop: Stop;
}

export function detail(root: HTMLElement, closed: () => void): Detail {
  const listening = new AbortController();
  const show = (measure: Measure): void => fillDetail(root, measure.properties, new Date());
  part(root, "[data-close]").addEventListener("click", closed, { signal: listening.signal });
  root.addEventListener("keydown", (event) => event.key === "Escape" && closed(), { signal: listening.signal });
  return {
    open: (measure) => {
      show(measure);
      root.hidden = false;
      part(root, "[data-scroll]").scrollTop = 0;
      slot(root, "place").focus({ preventScroll: true });
    },
    update: show,
    close: () => {
      root.hidden = true;
    },
    stop: () => listening.abort(),
  };
}

function fillDetail(root: HTMLElement, measure: Properties, now: Date): void {
  fill(root, measure, now);
  write(root, "effect", [effectSentence(measure), sentence(parted(measure.headline)[1])].filter(Boolean).join(" "));
  slot(root, "answers").replaceChildren(...answers(measure).map((answer) => {
    const row = copy("answer");
    row.dataset["verdict"] = answer.verdict;
    icon(row, "icon", VERDICT_ICONS[answer.verdict]);
    write(row, "who", answer.who);
    write(row, "words", answer.words);
    return row;
  }));
  const facts = [...times(measure, now), ...sources(measure, now), ...papers(measure, now)];
  slot(root, "facts").replaceChildren(...facts.filter(([, value]) => value).map(fact));
  for (const link of root.querySelectorAll<HTMLAnchorElement>("[data-machine]")) {
    link.href = `/feed/v1/measures/${encodeURIComponent(measure.id)}${link.dataset["machine"] ?? ""}`;
  }
}

type Fact = readonly [name: string, value: string];

function fact([name, value]: Fact): HTMLElement {
  const row = copy("fact");
  write(row, "name", name);
  write(row, "value", value);
  return row;
}

function times(measure: Properties, now: Date): Fact[] {
  const end = measure.end ? ending(new Date(measure.end), now) : "offen";
  return [
    ["Beginn", `${moment(new Date(measure.start), now)} (${SOURCES[measure.provenance.start]})`],
    [measure.status === "ended" ? "Beendet" : "Voraussichtliches Ende", `${end} (${SOURCES[measure.provenance.end]})`],
    ["Täglich", window(measure)],
    ["Umleitung", measure.detour ?? ""],
  ];
}

function window(measure: Properties): string {
  const schedule = measure.schedule;
  if (!schedule) return "";
  const hours = schedule.daily_from && schedule.daily_to ? `${schedule.daily_from} bis ${schedule.daily_to} Uhr` : "";
  const days = schedule.weekdays?.length ? weekdays(schedule.weekdays) : "";
  return [days, hours].filter(Boolean).join(", ");
}

function sources(measure: Properties, now: Date): Fact[] {
  const { place_from: from, place_to: to } = measure.provenance;
  const ends = from === to ? SOURCES[from] : `Anfang ${SOURCES[from]}, Ende ${SOURCES[to]}`;
  const accuracy = measure.place_accuracy_m === null ? "" : `, auf etwa ${Math.ceil(measure.place_accuracy_m)} m genau`;
  const lights = measure.observed_lights && measure.observed_at
    ? `${measure.observed_lights} gesehen, zuletzt ${at(new Date(measure.observed_at), now)}`
    : "";
  return [
    ["Lage", `${ends}${from === "measured" || to === "measured" ? accuracy : ""}`],
    ["Warnleuchten", lights],
  ];
}

function papers(measure: Properties, now: Date): Fact[] {
  const published = measure.version_time ? `, veröffentlicht ${at(new Date(measure.version_time), now)}` : "";
  return [
    ["Behörde", measure.authority],
    ["Aktenzeichen", measure.permit_number],
    ["Fassung", `${measure.version}${published}`],
  ];
}
