/**
 * The list beside the map. It never re-sorts under a reader: what is shown is brought up to date in place; what came,
 * went or would move waits behind the button "3 Änderungen anzeigen".
 */

import type { Measure } from "../feature";
import { part, type Stop } from "../modules";
import { fill } from "./item";
import { copy, slot, write } from "./slots";

const PAGE = 50;

export interface List {
  /** Show exactly these, in this order: at the start and when the reader changed the filter. */
  show(measures: readonly Measure[]): void;
  /** These are the news: update in place, count the rest. */
  offer(measures: readonly Measure[], all: ReadonlyMap<string, Measure>): void;
  mark(chosen: string | null, pointed: string | null): void;
  focus(id: string): void;
  stop: Stop;
}

export interface ListReader {
  choose(id: string): void;
  point(id: string | null): void;
  /** Nothing is listed: say why. */
  empty(): void;
}

export function list(root: HTMLElement, reader: ListReader): List {
  const items = part(root, "[data-items]");
  const news = part<HTMLButtonElement>(root, "[data-news]");
  const more = part<HTMLButtonElement>(root, "[data-more]");
  const nodes = new Map<string, HTMLElement>();
  const listening = new AbortController();
  let shown: readonly Measure[] = [];
  let waiting: readonly Measure[] = [];
  let limit = PAGE;

  const node = (measure: Measure): HTMLElement => {
    const known = nodes.get(measure.id) ?? made(measure.id);
    nodes.set(measure.id, known);
    fill(known, measure.properties);
    return known;
  };
  const render = (): void => {
    const visible = shown.slice(0, limit);
    const kept = new Set(visible.map((one) => one.id));
    for (const id of nodes.keys()) if (!kept.has(id)) nodes.delete(id);
    items.replaceChildren(...visible.map(node));
    write(root, "count", counted(shown));
    slot(root, "empty").hidden = shown.length > 0;
    if (shown.length === 0) reader.empty();
    more.hidden = shown.length <= limit;
  };
  const show = (measures: readonly Measure[]): void => {
    const focused = idOf(document.activeElement);
    [shown, waiting, limit] = [measures, measures, Math.max(limit, PAGE)];
    render();
    news.hidden = true;
    if (focused) nodes.get(focused)?.querySelector("a")?.focus({ preventScroll: true });
  };
  const offer = (measures: readonly Measure[], all: ReadonlyMap<string, Measure>): void => {
    waiting = measures;
    shown = shown.map((one) => all.get(one.id) ?? one);
    for (const one of shown) if (nodes.has(one.id)) node(one);
    const changes = changed(shown, waiting);
    news.hidden = changes === 0;
    write(news, "label", changes === 1 ? "1 Änderung anzeigen" : `${changes} Änderungen anzeigen`);
  };

  const on = { signal: listening.signal };
  news.addEventListener("click", () => {
    show(waiting);
    items.querySelector<HTMLElement>("a")?.focus();
  }, on);
  more.addEventListener("click", () => {
    limit += PAGE;
    render();
  }, on);
  items.addEventListener("click", (event) => {
    const id = idOf(event.target);
    if (!id || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    reader.choose(id);
  }, on);
  for (const type of ["focusin", "pointerover"]) items.addEventListener(type, (event) => reader.point(idOf(event.target)), on);
  for (const type of ["focusout", "pointerleave"]) items.addEventListener(type, () => reader.point(null), on);

  return {
    show,
    offer,
    mark: (chosen, pointed) => {
      for (const [id, element] of nodes) {
        element.toggleAttribute("data-pointed", id === pointed);
        element.toggleAttribute("data-chosen", id === chosen);
      }
    },
    focus: (id) => nodes.get(id)?.querySelector("a")?.focus(),
    stop: () => listening.abort(),
  };
}

function made(id: string): HTMLElement {
  const element = copy("measure");
  element.dataset["id"] = id;
  part<HTMLAnchorElement>(element, "a").href = `/baustellen/${encodeURIComponent(id)}`;
  return element;
}

function idOf(target: EventTarget | null): string | null {
  return (target instanceof Element && target.closest<HTMLElement>("[data-id]")?.dataset["id"]) || null;
}

/** A site is a permit and may have several measures, each of which stands in the list; choice.py says the same. */
export function counted(measures: readonly Measure[]): string {
  const sites = new Set(measures.map((one) => one.properties.number)).size;
  const said = some(sites, "Baustelle", "Baustellen");
  return sites === measures.length ? said : `${said}, ${some(measures.length, "Maßnahme", "Maßnahmen")}`;
}

function some(count: number, one: string, many: string): string {
  return `${count.toLocaleString("de-DE")} ${count === 1 ? one : many}`;
}

/** How many came, went, or stand in another order than shown. */
function changed(shown: readonly Measure[], wanted: readonly Measure[]): number {
  const [before, after] = [new Set(shown.map((one) => one.id)), new Set(wanted.map((one) => one.id))];
  const came = wanted.filter((one) => !before.has(one.id)).length;
  const went = shown.filter((one) => !after.has(one.id)).length;
  const [kept, left] = [shown.filter((one) => after.has(one.id)), wanted.filter((one) => before.has(one.id))];
  const moved = kept.filter((one, index) => one.id !== left[index]?.id).length;
  return came + went + (moved > 0 ? 1 : 0);
}
