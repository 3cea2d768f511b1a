/** A button beside a line of code that puts it into the clipboard; without it, one click marks the line. */

import { part, type Stop } from "./modules";

const SAID_MS = 2_000;

/** Rejects where the browser does not let us, as over plain http. */
export async function toClipboard(text: string): Promise<void> {
  await navigator.clipboard.writeText(text);
}

export function copy(root: HTMLElement): Stop {
  const text = part(root, "pre");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "lb-button lb-button--quiet lb-copy__button";
  button.textContent = "Kopieren";
  button.setAttribute("aria-label", `${text.getAttribute("aria-label") ?? "Zeile"} kopieren`);
  const said = document.createElement("span");
  said.className = "lb-copy__said";
  said.setAttribute("role", "status");
  let timer = 0;
  const say = (words: string): void => {
    said.textContent = words;
    clearTimeout(timer);
    timer = window.setTimeout(() => (said.textContent = ""), SAID_MS);
  };
  button.addEventListener("click", () => {
    toClipboard(text.textContent ?? "").then(
      () => say("Kopiert"),
      () => {
        getSelection()?.selectAllChildren(text);
        say("Markiert: bitte mit Strg+C kopieren");
      },
    );
  });
  root.append(button, said);
  return () => {
    clearTimeout(timer);
    button.remove();
    said.remove();
  };
}
