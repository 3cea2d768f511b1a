/** One measure as it stands in the list: symbol, place, effect, badges, words. */

import type { Badge, Item } from "../feature";
import { copy, icon, slot, write } from "./slots";

export function fill(root: HTMLElement, item: Item): void {
  const symbol = slot<SVGElement>(root, "symbol");
  symbol.dataset["group"] = item.group;
  symbol.dataset["look"] = item.status === "ended" || item.status === "cancelled" ? "ended" : item.look;
  icon(root, "icon", item.kind);
  slot(root, "form").setAttribute("href", `#form-${item.group}`);
  write(root, "place", item.place);
  write(root, "district", item.district ?? "");
  write(root, "effect", item.effect);
  write(root, "words", item.words);
  fillBadges(slot(root, "badges"), item.badges);
}

function fillBadges(root: HTMLElement, wanted: readonly Badge[]): void {
  const key = wanted.map(([, label]) => label).join();
  if (root.dataset["shown"] === key) return;
  root.dataset["shown"] = key;
  root.replaceChildren(
    ...wanted.map(([symbol, label, urgent]) => {
      const element = copy("badge");
      element.classList.toggle("lb-badge--urgent", urgent);
      icon(element, "icon", symbol);
      write(element, "label", label);
      return element;
    }),
  );
}
