/** The minute in the words of the people who live in Europe/Berlin; all other times are said by the server. */

const CLOCK = new Intl.DateTimeFormat("de-DE", { timeZone: "Europe/Berlin", hour: "2-digit", minute: "2-digit" });

/** `14:03 Uhr`. */
export function minute(instant: Date): string {
  return `${CLOCK.format(instant)} Uhr`;
}
