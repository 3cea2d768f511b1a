/** One measure as it stands in the list and on top of the detail: symbol, place, effect, badges, words. */

import { groupOf } from "../effect";
import type { Properties } from "../feature";
import { badges, lookOf, words } from "../truth";
import { copy, icon, sentence, slot, write } from "./slots";

export function fill(root: HTMLElement, measure: Properties, now: Date): void {
  const [place, effect] = parted(measure.headline);
  const symbol = slot<SVGElement>(root, "symbol");
  const group = groupOf(measure.measure);
  symbol.dataset["group"] = group;
  symbol.dataset["look"] = measure.status === "ended" || measure.status === "cancelled" ? "ended" : lookOf(measure);
  icon(root, "icon", measure.measure);
  slot(root, "form").setAttribute("href", `#form-${group}`);
  write(root, "place", place);
  write(root, "district", measure.district ?? "");
  write(root, "effect", sentence(effect));
  write(root, "words", sentence(words(measure, now).join("; ")));
  fillBadges(slot(root, "badges"), measure);
}

/** The feed's headline is `place: effect.` */
export function parted(headline: string): [place: string, effect: string] {
  const colon = headline.indexOf(": ");
  return colon < 0 ? [headline, ""] : [headline.slice(0, colon), headline.slice(colon + 2)];
}

function fillBadges(root: HTMLElement, measure: Properties): void {
  const wanted = badges(measure);
  const key = wanted.map((badge) => badge.label).join();
  if (root.dataset["shown"] === key) return;
  root.dataset["shown"] = key;
  root.replaceChildren(
    ...wanted.map((badge) => {
      const element = copy("badge");
      element.classList.toggle("lb-badge--urgent", badge.urgent ?? false);
      icon(element, "icon", badge.icon);
      write(element, "label", badge.label);
      return element;
    }),
  );
}
