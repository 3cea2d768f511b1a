/** Street, from, to: suggestions for the three fields of a measure, and the section that they name. */

import type { Stop } from "../modules";
import type { MeasureFields } from "./fields";
import * as streets from "./streets";
import { suggest } from "./suggest";

const MOST = 12;

/** `found` is called when a section was found and its place is in the form. */
export function sections(measure: MeasureFields, found: () => void): Stop {
  const boxes = [...measure.root.querySelectorAll<HTMLElement>("[data-suggest]")];
  if (boxes.length === 0) return () => undefined; // no register in this city
  const listening = new AbortController();
  let asking = new AbortController();
  const look = async (): Promise<void> => {
    const [street, from, to] = (["street", "from_street", "to_street"] as const).map((name) => measure.value(name).trim());
    if (!measure.chosen || !street) return;
    asking.abort();
    asking = new AbortController();
    try {
      const section = await streets.section(street, from ?? "", to ?? "", asking.signal);
      measure.tell(streets.words(section));
      measure.setDistrict(section.district);
      measure.set("geometry", section.geometry.coordinates.map((position) => position.join(",")).join(" "));
      found();
    } catch (error) {
      if (error instanceof streets.NotFoundError) measure.tell(error.message);
      else if ((error as Error).name !== "AbortError") measure.tell("Der Abschnitt lässt sich gerade nicht suchen.");
    }
  };
  const stops = boxes.map((box) => suggest(box, box.dataset["suggest"] === "streets" ? streets.search : along(measure)));
  measure.root.addEventListener("change", (event) => {
    const name = event.target instanceof HTMLInputElement ? event.target.name : "";
    if (/-(street|from_street|to_street|place)$/.test(name)) void look();
  }, { signal: listening.signal });
  return () => {
    asking.abort();
    listening.abort();
    stops.forEach((stop) => stop());
  };
}

/** Crossings of the measure's street in their order, or house numbers where a figure was typed. */
function along(measure: MeasureFields): (text: string, signal: AbortSignal) => Promise<string[]> {
  return async (text, signal) => {
    const street = measure.value("street").trim();
    if (!street) return [];
    const { crossings, numbers } = await streets.places(street, signal);
    const wanted = text.toLowerCase();
    const fitting = /^\d/.test(text)
      ? numbers.filter((number) => number.startsWith(wanted))
      : crossings.filter((name) => name.toLowerCase().includes(wanted));
    return fitting.slice(0, text ? MOST : undefined);
  };
}
