/** Keys `j`, `k` and `Enter` in a table of links, only while the focus is inside it. */

import type { Stop } from "./modules";

export function tableKeys(root: HTMLElement): Stop {
  const listening = new AbortController();
  root.addEventListener("keydown", (event) => {
    const step = { j: 1, k: -1 }[event.key];
    if (step === undefined || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const links = [...root.querySelectorAll<HTMLElement>("tbody tr a:first-of-type")];
    const row = event.target instanceof Element ? event.target.closest("tr") : null;
    const index = links.findIndex((link) => link.closest("tr") === row);
    links[Math.min(Math.max(index + step, 0), links.length - 1)]?.focus();
    event.preventDefault();
  }, { signal: listening.signal });
  return () => listening.abort();
}

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}
