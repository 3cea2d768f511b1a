/** Instants in the words of the people who live in Europe/Berlin; most times are said by the server. */

const DAY = new Intl.DateTimeFormat("de-DE", { timeZone: "Europe/Berlin", day: "numeric", month: "long" });
const CLOCK = new Intl.DateTimeFormat("de-DE", { timeZone: "Europe/Berlin", hour: "2-digit", minute: "2-digit" });

/** `14:03 Uhr`. */
export function minute(instant: Date): string {
  return `${CLOCK.format(instant)} Uhr`;
}

/** `um 14:03 Uhr`, of another day than now's `am 3. März um 14:03 Uhr`. */
export function moment(instant: Date, now: Date): string {
  const day = DAY.format(instant);
  return `${day === DAY.format(now) ? "" : `am ${day} `}um ${minute(instant)}`;
}
