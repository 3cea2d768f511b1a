/** The filter's form, the sheet's heights on a phone, the line that says how new all this is. */

import { LOST } from "../late";
import { part, type Stop } from "../modules";
import { minute } from "../times";
import { NO_FILTER, same, type Filter } from "./filter";
import { write } from "./slots";

/** Who types fast is not held up by a list that is rebuilt at each key. */
const TYPING_MS = 120;
/** Where the list is a sheet, it has no room for filters that nobody asked for. */
const NARROW = "(max-width: 47.99rem)";

export interface FilterReader {
  changed(filter: Filter): void;
  /** Enter was pressed: show the places of what is found. */
  sought(): void;
}

export interface FilterForm {
  set(filter: Filter): void;
  stop: Stop;
}

export function filterForm(form: HTMLFormElement, first: Filter, reader: FilterReader): FilterForm {
  const listening = new AbortController();
  const field = (name: string): HTMLInputElement | HTMLSelectElement =>
    form.elements.namedItem(name) as HTMLInputElement | HTMLSelectElement;
  const set = (filter: Filter): void => {
    for (const [name, value] of Object.entries(filter)) field(name).value = value as string;
  };
  set(first);
  const read = (): void => {
    const values = Object.keys(NO_FILTER).map((name) => [name, field(name).value]);
    const filter = Object.fromEntries(values) as unknown as Filter;
    reader.changed(filter);
  };
  let timer = 0;
  const options = part<HTMLDetailsElement>(form, "[data-options]");
  options.open = !same(first, NO_FILTER) || !matchMedia(NARROW).matches;
  options.dataset["ready"] = "";
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(read, TYPING_MS);
  }, { signal: listening.signal });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    read();
    reader.sought();
  }, { signal: listening.signal });
  return {
    set,
    stop: () => {
      clearTimeout(timer);
      listening.abort();
    },
  };
}

const HEIGHTS = ["low", "half", "full"] as const;
export type Height = (typeof HEIGHTS)[number];

export interface Sheet {
  set(height: Height): void;
  /** At least half open: something was chosen. */
  lift(): void;
  stop: Stop;
}

/** Two buttons, "Mehr Liste" and "Mehr Karte"; on wide screens CSS ignores the height. */
export function sheet(root: HTMLElement): Sheet {
  const listening = new AbortController();
  const [up, down] = [part<HTMLButtonElement>(root, "[data-up]"), part<HTMLButtonElement>(root, "[data-down]")];
  let index = 1;
  const set = (wanted: number): void => {
    index = Math.min(Math.max(wanted, 0), HEIGHTS.length - 1);
    root.dataset["height"] = HEIGHTS[index] ?? "half";
    up.setAttribute("aria-disabled", String(index === HEIGHTS.length - 1));
    down.setAttribute("aria-disabled", String(index === 0));
  };
  up.addEventListener("click", () => set(index + 1), { signal: listening.signal });
  down.addEventListener("click", () => set(index - 1), { signal: listening.signal });
  set(index);
  return {
    set: (height) => set(HEIGHTS.indexOf(height)),
    lift: () => set(Math.max(index, 1)),
    stop: () => listening.abort(),
  };
}

const STALE_AFTER_MS = 180_000;
const HALTED = "Angehalten, die Angaben können veraltet sein.";
const BEHIND = "Neue Meldungen verzögern sich, die Angaben können veraltet sein.";

export interface Freshness {
  /** The server was heard; what it tells is `behindS` seconds old, if it says so. */
  contact(behindS?: number): void;
  /** While halted all stays as old as it was then. */
  halt(halted: boolean): void;
  stop: Stop;
}

/** "Stand 14:05 Uhr"; a warning only when that is three minutes ago, with the reason. */
export function freshness(root: HTMLElement): Freshness {
  let [heard, behindMs] = [Date.now(), Number(root.dataset["freshness"]) * 1_000];
  let haltedAt: number | null = null;
  const show = (): void => {
    const [silentMs, asOf] = [Date.now() - heard, haltedAt ?? heard - behindMs];
    const reason = haltedAt !== null ? HALTED : silentMs > STALE_AFTER_MS ? LOST : BEHIND;
    const stale = Date.now() - asOf > STALE_AFTER_MS;
    root.toggleAttribute("data-stale", stale);
    write(root, "stand", `Stand ${minute(new Date(asOf))}`);
    write(root, "warning", stale ? reason : "");
  };
  const timer = window.setInterval(show, 10_000);
  return {
    contact: (behindS) => {
      heard = Date.now();
      if (behindS !== undefined) behindMs = behindS * 1_000;
      show();
    },
    halt: (halted) => {
      haltedAt = halted ? heard - behindMs : null;
      show();
    },
    stop: () => clearInterval(timer),
  };
}
