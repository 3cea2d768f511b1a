/** The small forms of a case page: errors go once they are mended, a slow answer is said, a second click does nothing. */

import { write } from "../live/slots";
import type { Stop } from "../modules";
import { forgetMended, leadToErrors } from "./errors";

const SLOW_MS = 1_000;
const LONG_MS = 6_000;
const LONG = "Das dauert länger als sonst. Bitte lassen Sie die Seite offen; doppelt wird nichts eingetragen.";

export function commands(root: HTMLElement): Stop {
  const listening = new AbortController();
  const on = { signal: listening.signal };
  let timers: number[] = []; // of the form that is being sent
  root.addEventListener("input", forgetMended, on);
  root.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement)) return;
    if (timers.length > 0) return event.preventDefault(); // a double click
    const slow = window.setTimeout(() => write(form, "sending", "Wird gesendet …"), SLOW_MS);
    const long = window.setTimeout(() => {
      write(form, "sending", LONG);
      timers = []; // whoever sends again now does no harm: the case takes nothing twice
    }, LONG_MS);
    timers = [slow, long];
  }, on);
  leadToErrors();
  return () => {
    timers.forEach(clearTimeout);
    listening.abort();
  };
}
