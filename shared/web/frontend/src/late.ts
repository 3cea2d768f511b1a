/** The page's line for lateness, which is read aloud: a server that is behind, a lost connection, a session's end. */

import { part } from "./modules";

export const LOST = "Keine Verbindung, die Angaben können veraltet sein.";
export const ENDED = "Ihre Sitzung ist abgelaufen, die Angaben veralten. Bitte laden Sie die Seite neu.";

/** Empty: all is well. */
export function warn(text: string): void {
  const line = part(document.body, "[data-late]");
  if (line.textContent.trim() === text) return;
  const said = document.createElement("p");
  said.className = "lb-late";
  said.textContent = text;
  line.replaceChildren(...(text ? [said] : []));
}

/** Whether the server asks us to log in instead of answering. */
export function ended(answer: Response): boolean {
  return answer.redirected && new URL(answer.url).pathname === "/login";
}

/** What the server says of itself on a page that was fetched anew. */
export function warnAs(fresh: ParentNode): void {
  warn(fresh.querySelector("[data-late]")?.textContent.trim() ?? "");
}
