/** Instants in the words of the people who live in Europe/Berlin. */

const ZONE = "Europe/Berlin";
const DAY_MS = 86_400_000;
const format = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat("de-DE", { timeZone: ZONE, ...options });
const CLOCK = format({ hour: "2-digit", minute: "2-digit" });
const DAY = format({ day: "numeric", month: "long" });
const DAY_AND_YEAR = format({ day: "numeric", month: "long", year: "numeric" });
const KEY = new Intl.DateTimeFormat("sv-SE", { timeZone: ZONE });
const WEEKDAYS = ["montags", "dienstags", "mittwochs", "donnerstags", "freitags", "samstags", "sonntags"];

/** `14:03 Uhr`; full hours are short: `17 Uhr`. */
export function clock(instant: Date): string {
  return `${CLOCK.format(instant).replace(/^0/, "").replace(/:00$/, "")} Uhr`;
}

/** `14:03` always with its minutes, for times that are measured. */
export function minute(instant: Date): string {
  return `${CLOCK.format(instant)} Uhr`;
}

export function sameDay(one: Date, other: Date): boolean {
  return KEY.format(one) === KEY.format(other);
}

/** `3. März`, with its year where that is another one than now. */
export function day(instant: Date, now: Date): string {
  const sameYear = KEY.format(instant).slice(0, 4) === KEY.format(now).slice(0, 4);
  return (sameYear ? DAY : DAY_AND_YEAR).format(instant);
}

/** `heute`, `gestern`, `morgen`, else the day. */
export function relativeDay(instant: Date, now: Date): string {
  if (sameDay(instant, now)) return "heute";
  if (sameDay(instant, new Date(now.getTime() - DAY_MS))) return "gestern";
  if (sameDay(instant, new Date(now.getTime() + DAY_MS))) return "morgen";
  return day(instant, now);
}

/** `um 14:03 Uhr`, `gestern um 14:03 Uhr`, `am 3. März um 14:03 Uhr`. */
export function at(instant: Date, now: Date): string {
  const when = relativeDay(instant, now);
  if (when === "heute") return `um ${minute(instant)}`;
  return `${/^\d/.test(when) ? "am " : ""}${when} um ${minute(instant)}`;
}

/** `seit 13:22 Uhr`, `seit gestern 13:22 Uhr`, `seit 3. März, 13:22 Uhr`. */
export function since(instant: Date, now: Date): string {
  return sameDay(instant, now) ? `seit ${minute(instant)}` : `seit ${joined(relativeDay(instant, now), minute(instant))}`;
}

/** A moment in full: `gestern 17 Uhr`, `3. März, 7 Uhr`. */
export function moment(instant: Date, now: Date): string {
  return joined(relativeDay(instant, now), clock(instant));
}

/** The exclusive end `[start, end)` as the last moment: midnight belongs to the day before. */
export function ending(end: Date, now: Date): string {
  const midnight = ["0 Uhr", "24 Uhr"].includes(clock(end));
  return midnight ? joined(relativeDay(new Date(end.getTime() - 1), now), "24 Uhr") : moment(end, now);
}

function joined(when: string, time: string): string {
  return `${when}${/^\d/.test(when) ? "," : ""} ${time}`;
}

/** ISO weekdays (1 = Monday) in words: `montags bis freitags`. */
export function weekdays(numbers: readonly number[]): string {
  const sorted = [...numbers].sort((a, b) => a - b);
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined) return "";
  const names = sorted.map((number) => WEEKDAYS[number - 1] ?? "");
  if (sorted.length > 2 && last - first === sorted.length - 1) return `${names[0]} bis ${names.at(-1)}`;
  return names.length > 1 ? `${names.slice(0, -1).join(", ")} und ${names.at(-1)}` : (names[0] ?? "");
}
