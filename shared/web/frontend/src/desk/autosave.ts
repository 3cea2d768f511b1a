/**
 * Saves the form as one goes, and shows what of it would be public. It is sent only once it was saved: then session,
 * network and database are there, and nothing that was typed can be lost on the way. If not, it stays on the page.
 */

import { part, type Stop } from "../modules";
import { write } from "../live/slots";
import { judgeAgain } from "./errors";

const AFTER_MS = 1_000;
const AGAIN_MS = 10_000;
const LONG_MS = 4_000;
const TO = "/permits/entwurf";
const STAYS = "Ihre Eingaben stehen noch auf dieser Seite; es wird weiter versucht.";
const ENDED = "Ihre Sitzung ist abgelaufen. Bitte melden Sie sich in einem neuen Fenster an; hier geht es dann weiter.";
const AWAY = `Keine Verbindung. ${STAYS}`;
const FAILED = `Das System antwortet gerade nicht. ${STAYS}`;
const LONG = "Das dauert länger als sonst. Ihre Eingaben stehen noch auf dieser Seite.";

interface Kept {
  /** Empty: nobody has typed anything yet. */
  readonly saved: string;
  readonly attempt: string;
  readonly public: readonly string[];
  readonly waiting: string;
  readonly named: string;
  readonly errors: Readonly<Record<string, string>>;
}

/** Whether it was saved, or in a sentence why not. */
type Outcome = Kept | string;

export function autosave(root: HTMLElement, form: HTMLFormElement): Stop {
  const listening = new AbortController();
  let [timer, waiting, sending] = [0, false, false];
  const later = (ms: number): void => {
    clearTimeout(timer);
    waiting = true;
    timer = window.setTimeout(() => void save(), ms);
  };
  const save = async (): Promise<boolean> => {
    clearTimeout(timer);
    waiting = false;
    const outcome = await kept(form);
    if (listening.signal.aborted) return false;
    if (typeof outcome !== "string") {
      shown(root, form, outcome);
      return true;
    }
    tell(root, `${sending ? "Noch nicht gesendet" : "Nicht gespeichert"}. ${outcome}`, true);
    later(AGAIN_MS);
    return false;
  };
  const send = async (button: HTMLElement | null): Promise<void> => {
    if (sending) return; // a double click
    sending = true;
    tell(root, "Wird gesendet …");
    const long = window.setTimeout(() => tell(root, LONG, true), LONG_MS);
    const saved = await save();
    clearTimeout(long);
    sending = false;
    if (!saved) return;
    tell(root, "Wird gesendet …");
    clearTimeout(timer);
    listening.abort(); // what is sent needs no draft any more
    form.requestSubmit(button);
  };
  const on = { signal: listening.signal };
  form.addEventListener("input", () => later(AFTER_MS), on);
  form.addEventListener("change", () => later(AFTER_MS), on);
  addEventListener("online", () => later(0), on);
  const leave = (): void => {
    if (waiting && !listening.signal.aborted) navigator.sendBeacon(TO, new URLSearchParams(entries(form)));
    waiting = false;
  };
  addEventListener("beforeunload", leave, on); // before the next page, which shows the draft, is asked for
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void send(event.submitter);
  }, on);
  return () => {
    clearTimeout(timer);
    leave();
    listening.abort();
  };
}

async function kept(form: HTMLFormElement): Promise<Outcome> {
  try {
    const answer = await fetch(TO, { method: "POST", body: new URLSearchParams(entries(form)), headers: { Accept: "application/json" } });
    if (answer.ok) return (await answer.json()) as Kept;
    if (answer.status === 401 || answer.status === 403) return (await renewed()) ? await kept(form) : ENDED;
    if (answer.status === 422) return ((await answer.json()) as { detail: string }).detail;
    return FAILED;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // fetch's way to say: not reachable
    return AWAY;
  }
}

function entries(form: HTMLFormElement): [string, string][] {
  return [...new FormData(form)].filter((entry): entry is [string, string] => typeof entry[1] === "string");
}

function tell(root: HTMLElement, sentence: string, failed = false): void {
  write(root, "saved", sentence);
  part(root, '[data-slot="saved"]').classList.toggle("desk__saved--failed", failed);
}

function shown(root: HTMLElement, form: HTMLFormElement, said: Kept): void {
  tell(root, said.saved && `Gespeichert um ${said.saved}`);
  const list = part(root, '[data-slot="public"]');
  list.replaceChildren(...said.public.map((sentence) => Object.assign(document.createElement("li"), { textContent: sentence })));
  write(root, "named", said.named);
  write(root, "waiting", said.waiting);
  part(root, '[data-slot="waiting"]').hidden = said.public.length > 0;
  judgeAgain(root, said.errors);
  if (said.saved && form.elements.namedItem("attempt")) history.replaceState(history.state, "", `/permits/neu?entwurf=${said.attempt}`);
}

/** The session has ended. Whether another one began, in another window: then this page takes its token. */
async function renewed(): Promise<boolean> {
  const answer = await fetch("/permits/neu", { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const token = page.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content;
  const mine = [...document.querySelectorAll<HTMLInputElement>('input[name="csrf_token"]')];
  if (answer.redirected || !token || mine.every((field) => field.value === token)) return false;
  for (const field of mine) field.value = token;
  return true;
}
