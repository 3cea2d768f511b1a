/** "Komme ich durch?": the answer per means of travel, derived from kind, `affects` and `exempt`. */

import { groupOf } from "./effect";
import type { Exemption, Kind, Properties, Traveller } from "./feature";

export type Verdict = "free" | "hindered" | "blocked" | "unknown";
export interface Answer {
  readonly who: string;
  readonly verdict: Verdict;
  readonly words: string;
}

type Person = Traveller | "residents";
const PEOPLE: readonly (readonly [Person, string])[] = [
  ["car", "Auto"],
  ["truck", "Lkw"],
  ["bus", "Bus"],
  ["bicycle", "Fahrrad"],
  ["foot", "Zu Fuß"],
  ["residents", "Anwohner"],
];
const MOTORISED: readonly Traveller[] = ["car", "truck", "bus"];

/** Whom a kind concerns where the order does not say. */
const CONCERNS: Readonly<Partial<Record<Kind, readonly Traveller[]>>> = {
  footway_closed: ["foot"],
  cycleway_closed: ["bicycle"],
  stop_closed: ["bus"],
  no_stopping: ["car", "truck"],
  detour: [],
};

export function answers(measure: Properties): Answer[] {
  return PEOPLE.map(([person, who]) => ({ who, ...answer(measure, person) }));
}

function answer(measure: Properties, person: Person): Omit<Answer, "who"> {
  const traveller: Traveller = person === "residents" ? "car" : person;
  const exempt = measure.exempt.includes(person as Exemption);
  if (!concerned(measure).includes(traveller)) return free(measure, person);
  if (exempt) return { verdict: "free", words: "frei" };
  return hindrance(measure, person);
}

function concerned(measure: Properties): readonly Traveller[] {
  return measure.affects?.length ? measure.affects : (CONCERNS[measure.measure] ?? MOTORISED);
}

function free(measure: Properties, person: Person): Omit<Answer, "who"> {
  const said = Boolean(measure.affects?.length) || groupOf(measure.measure) !== "closed";
  if (said || person === "residents") return { verdict: "free", words: "frei" };
  return { verdict: "unknown", words: "keine Angabe" };
}

function hindrance(measure: Properties, person: Person): Omit<Answer, "who"> {
  switch (measure.measure) {
    case "road_closed":
      return { verdict: "blocked", words: "gesperrt" };
    case "direction_closed":
      return { verdict: "blocked", words: "in einer Richtung gesperrt" };
    case "footway_closed":
      return { verdict: "blocked", words: "Gehweg gesperrt" };
    case "cycleway_closed":
      return { verdict: "blocked", words: "Radweg gesperrt" };
    case "stop_closed":
      return { verdict: "hindered", words: "Haltestelle entfällt" };
    case "no_stopping":
      return { verdict: "hindered", words: "frei, Halten verboten" };
    case "turn_banned":
      return { verdict: "hindered", words: "Abbiegen verboten" };
    default:
      return { verdict: "hindered", words: narrowing(measure, person) };
  }
}

function narrowing(measure: Properties, person: Person): string {
  if (measure.measure === "alternating") return "abwechselnd frei, Wartezeit möglich";
  if (measure.measure === "speed_limit" && measure.speed_limit_kph) return `frei, höchstens ${measure.speed_limit_kph} km/h`;
  if (measure.residual_width_m && person !== "foot") {
    return `frei bis ${measure.residual_width_m.toLocaleString("de-DE", { minimumFractionDigits: 1 })} m Breite`;
  }
  if (measure.lanes_closed && measure.lanes_total) {
    return `${measure.lanes_total - measure.lanes_closed} von ${measure.lanes_total} Fahrstreifen frei`;
  }
  return "frei, eingeschränkt";
}

/** The detail's first sentence: what is closed to whom, and who may pass. */
export function effectSentence(measure: Properties): string {
  const all = answers(measure);
  const names = (verdict: Verdict): string => listed(all.filter((one) => one.verdict === verdict).map((one) => one.who));
  const [blocked, open] = [names("blocked"), names("free")];
  if (!blocked) return "";
  return `Gesperrt für ${blocked}.${open ? ` Frei für ${open}.` : ""}`;
}

function listed(names: readonly string[]): string {
  const words = names.map((name) => (name === "Zu Fuß" ? "Fußgänger" : name === "Anwohner" ? "Anwohnerverkehr" : name));
  return words.length > 1 ? `${words.slice(0, -1).join(", ")} und ${words.at(-1)}` : (words[0] ?? "");
}
