/** Saves the form as one goes, and shows what of it would be public. What is typed stays on the page if that fails. */

import { part, type Stop } from "../modules";
import { write } from "../live/slots";

const AFTER_MS = 1_000;
const AGAIN_MS = 10_000;
const TO = "/permits/entwurf";
const ENDED = "Ihre Sitzung ist abgelaufen. Bitte melden Sie sich in einem neuen Fenster an; hier geht es dann weiter.";

interface Kept {
  readonly saved: string;
  readonly attempt: string;
  readonly public: readonly string[];
  readonly waiting: string;
}

export function autosave(root: HTMLElement, form: HTMLFormElement): Stop {
  const listening = new AbortController();
  let [timer, waiting] = [0, false];
  const later = (ms: number): void => {
    clearTimeout(timer);
    waiting = true;
    timer = window.setTimeout(() => void save(), ms);
  };
  const save = async (): Promise<void> => {
    waiting = false;
    try {
      const answer = await fetch(TO, { method: "POST", body: new URLSearchParams(entries(form)), headers: { Accept: "application/json" } });
      if (answer.ok) return shown(root, form, (await answer.json()) as Kept);
      const ended = answer.status === 401 || answer.status === 403;
      if (ended && (await renewed())) return later(0);
      if (ended) write(root, "saved", ENDED);
      else write(root, "saved", "Konnte nicht gespeichert werden. Ihre Eingaben stehen noch auf dieser Seite.");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // fetch's way to say: not reachable
      write(root, "saved", "Keine Verbindung. Ihre Eingaben stehen noch auf dieser Seite.");
    }
    if (!listening.signal.aborted) later(AGAIN_MS);
  };
  const on = { signal: listening.signal };
  form.addEventListener("input", () => later(AFTER_MS), on);
  form.addEventListener("change", () => later(AFTER_MS), on);
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    listening.abort(); // what is sent needs no draft any more
  });
  return () => {
    clearTimeout(timer);
    if (waiting && !listening.signal.aborted) navigator.sendBeacon(TO, new URLSearchParams(entries(form)));
    listening.abort();
  };
}

function entries(form: HTMLFormElement): [string, string][] {
  return [...new FormData(form)].filter((entry): entry is [string, string] => typeof entry[1] === "string");
}

function shown(root: HTMLElement, form: HTMLFormElement, kept: Kept): void {
  write(root, "saved", `Gespeichert um ${kept.saved}`);
  const list = part(root, '[data-slot="public"]');
  list.replaceChildren(...kept.public.map((sentence) => Object.assign(document.createElement("li"), { textContent: sentence })));
  write(root, "waiting", kept.waiting);
  part(root, '[data-slot="waiting"]').hidden = kept.public.length > 0;
  if (form.elements.namedItem("attempt")) history.replaceState(history.state, "", `/permits/neu?entwurf=${kept.attempt}`);
}

/** The session has ended. Whether another one began, in another window: then this page takes its token. */
async function renewed(): Promise<boolean> {
  const answer = await fetch("/permits/neu", { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const token = page.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content;
  if (answer.redirected || !token) return false;
  for (const field of document.querySelectorAll<HTMLInputElement>('input[name="csrf_token"]')) field.value = token;
  return true;
}
