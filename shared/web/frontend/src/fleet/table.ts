/** Keeps the server's table new without moving anything: cells change in place, other rows are offered by a link. */

import { ENDED, ended, warn, warnAs } from "../late";
import { part } from "../modules";

/** Takes over what changed in the rows that both tables have; whether they list the same lights. */
export function renew(table: HTMLElement, fresh: ParentNode): boolean {
  const old = rows(table);
  const now = rows(fresh);
  for (const [id, row] of old) {
    const other = now.get(id);
    if (other) cells(row, other);
  }
  return [...old.keys()].join() === [...now.keys()].join();
}

export function rows(root: ParentNode): Map<string, HTMLTableRowElement> {
  const found = [...root.querySelectorAll<HTMLTableRowElement>("tr[data-id]")];
  return new Map(found.map((row) => [row.dataset["id"] ?? "", row]));
}

/** Asks for the page again; null where it cannot be had now. */
export async function page(address: string, signal: AbortSignal): Promise<ParentNode | null> {
  const answer = await ask(address, signal, { Accept: "text/html" });
  if (answer && ended(answer)) warn(ENDED);
  if (!answer || answer.redirected) return null;
  const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
  warnAs(parsed);
  return part(parsed, "[data-rows]");
}

/** Null where the server cannot be reached or says no. */
export async function ask(address: string, signal: AbortSignal, headers: HeadersInit = {}): Promise<Response | null> {
  try {
    const answer = await fetch(address, { signal, headers });
    return answer.ok ? answer : null;
  } catch (error) {
    if (!(error instanceof TypeError) && !signal.aborted) throw error; // fetch's way to say: not reachable
    return null;
  }
}

function cells(row: HTMLTableRowElement, fresh: HTMLTableRowElement): void {
  row.toggleAttribute("data-trouble", fresh.hasAttribute("data-trouble"));
  [...row.cells].forEach((cell, index) => {
    const other = fresh.cells[index];
    if (!other || cell.innerHTML === other.innerHTML || cell.contains(document.activeElement)) return;
    cell.replaceChildren(...other.cloneNode(true).childNodes);
  });
}
