/** The city's streets under the search field: whoever seeks a street finds it, with or without works. */

import type { Position } from "../geometry";
import { part, type Stop } from "../modules";
import { copy, write } from "./slots";

interface Street {
  readonly name: string;
  readonly district: string | null;
  readonly box: readonly [west: number, south: number, east: number, north: number];
}

const TYPING_MS = 200;
const LEAST_LETTERS = 2;

export interface Streets {
  /** The first one found for what stands in the field, if any. */
  first(): [Position, Position] | null;
  close(): void;
  stop: Stop;
}

export interface StreetReader {
  chosen(box: [Position, Position]): void;
  /** The city has no street that begins or sounds so; empty: it has, or too little was typed. */
  unknown(typed: string): void;
}

export function streets(form: HTMLFormElement, reader: StreetReader): Streets {
  const field = part<HTMLInputElement>(form, "[name=strasse]");
  const root = part(form, "[data-streets]");
  const listening = new AbortController();
  let asking = new AbortController();
  let timer = 0;
  let found: readonly Street[] = [];

  const show = (streets: readonly Street[]): void => {
    found = streets;
    root.hidden = streets.length === 0;
    root.replaceChildren(...streets.map((street) => {
      const element = copy("street");
      write(element, "name", street.name);
      write(element, "district", street.district ?? "");
      part(element, "button").addEventListener("click", () => {
        reader.chosen(corners(street));
        show([]);
        field.focus();
      });
      return element;
    }));
  };
  const ask = async (): Promise<void> => {
    asking.abort();
    asking = new AbortController();
    const wanted = field.value.trim();
    reader.unknown("");
    if (wanted.length < LEAST_LETTERS) return show([]);
    const { signal } = asking;
    const response = await fetch(`/map/streets.json?q=${encodeURIComponent(wanted)}`, { signal });
    if (response.status !== 200) return; // 204: no streets were imported
    show((await response.json()) as Street[]);
    if (found.length === 0) reader.unknown(wanted);
  };
  field.addEventListener("input", () => {
    clearTimeout(timer);
    // A search that is overtaken or fails shows nothing new; the list of works is filtered all the same.
    timer = window.setTimeout(() => void ask().catch(() => undefined), TYPING_MS);
  }, { signal: listening.signal });
  form.addEventListener("keydown", (event) => event.key === "Escape" && show([]), { signal: listening.signal });
  return {
    first: () => (found[0] ? corners(found[0]) : null),
    close: () => show([]),
    stop: () => {
      clearTimeout(timer);
      asking.abort();
      listening.abort();
    },
  };
}

function corners({ box: [west, south, east, north] }: Street): [Position, Position] {
  return [[west, south], [east, north]];
}
