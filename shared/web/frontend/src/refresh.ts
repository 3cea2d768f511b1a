/**
 * Asks for the page again every few seconds and replaces its parts (`data-part` with an id) where they differ. Where it
 * cannot be had twice, the page says so: figures of before the fault look like calm.
 */

import { ENDED, ended, LOST, warn, warnAs } from "./late";
import { part, type Stop } from "./modules";

const EVERY_MS = 5_000;
const MISSES = 2;
const SLOWER = 4; // after a slow answer: a busy server is not asked faster than it can tell

export function refresh(root: HTMLElement): Stop {
  const leaving = new AbortController();
  const button = document.createElement("button");
  button.type = "button";
  button.className = "lb-button lb-button--quiet lb-refresh";
  let running = true;
  let timer = 0;
  let missed = 0;
  const label = (): void => {
    button.textContent = running ? "Selbsttätig aktualisieren: anhalten" : "Selbsttätig aktualisieren";
  };
  const wait = (ms: number): void => {
    clearTimeout(timer);
    if (running) timer = window.setTimeout(() => void look(), ms);
  };
  const look = async (): Promise<void> => {
    const began = performance.now();
    if (!document.hidden) missed = (await fetched(root, leaving.signal)) ? 0 : missed + 1;
    if (missed === MISSES) warn(LOST);
    if (!leaving.signal.aborted) wait(Math.max(EVERY_MS, SLOWER * (performance.now() - began)));
  };
  button.addEventListener("click", () => {
    running = !running;
    label();
    wait(0);
  }, { signal: leaving.signal });
  label();
  part(root, "[data-refresh]").append(button);
  wait(EVERY_MS);
  return () => {
    leaving.abort();
    clearTimeout(timer);
    button.remove();
  };
}

/** Whether the server answered; where it has no figures for us, the old ones stay, which carry their time. */
async function fetched(root: HTMLElement, signal: AbortSignal): Promise<boolean> {
  try {
    const answer = await fetch(location.href.split("#")[0] ?? "", { headers: { Accept: "text/html" }, signal });
    if (ended(answer)) {
      warn(ENDED);
      return true;
    }
    if (!answer.ok || answer.redirected) return false;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const old of root.querySelectorAll<HTMLElement>("[data-part]")) replace(old, page.getElementById(old.id));
    document.title = page.title;
    warnAs(page);
    return true;
  } catch (error) {
    if (!(error instanceof TypeError) && !signal.aborted) throw error; // fetch's way to say: not reachable
    return false;
  }
}

/** Nothing moves under the reader: what is open stays open, a part that holds the focus waits. */
function replace(old: HTMLElement, fresh: HTMLElement | null): void {
  if (!fresh || old.innerHTML === fresh.innerHTML || old.contains(document.activeElement)) return;
  const open = [...old.querySelectorAll("details[open]")].map((it) => it.id);
  old.replaceChildren(...fresh.childNodes);
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
}
