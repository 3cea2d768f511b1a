/** The map beside the form: shows the places of all measures, and draws that of the one that is being worked on. */

import { GROUPS, type Group } from "../effect";
import type { Measure } from "../feature";
import { bounds, positions } from "../geometry";
import { startMap } from "../live/start-map";
import { write } from "../live/slots";
import type { CityMap } from "../map/city-map";
import { drawing } from "../map/drawing";
import { part, type Stop } from "../modules";
import type { Pen, Shape } from "./draw";
import type { MeasureFields } from "./fields";
import { lookAt } from "./look";
import { placeOf, textOf } from "./place-text";
import * as streets from "./streets";

/** Colour and form per kind of measure, as the server writes them at the field's options. */
const GROUP_OF = "group";
const HELP: Readonly<Record<Shape, string>> = {
  linestring: "Klicken Sie entlang der Straße; ein zweiter Klick auf den letzten Punkt oder die Eingabetaste beendet die Linie.",
  polygon: "Klicken Sie die Ecken; ein Klick auf den ersten Punkt oder die Eingabetaste schließt die Fläche.",
  point: "Klicken Sie auf die Stelle.",
};

export interface Canvas {
  /** Draws what stands in the form; `look`: move there if it is off-screen. */
  show(look: boolean): void;
  choose(measure: MeasureFields): void;
  readonly stop: Stop;
}

export function canvas(root: HTMLElement, measures: readonly MeasureFields[]): Canvas {
  const listening = new AbortController();
  const tools = part(root, "[data-tools]");
  const before: { measure: MeasureFields; text: string; chosen: boolean }[] = [];
  let [map, pen, shape]: [CityMap | null, Pen | null, Shape | null] = [null, null, null];
  let current = measures[0];

  const show = (look: boolean): void => {
    if (!map || !current) return;
    map.draw(drawing(measures.flatMap(asMeasure), new Date()));
    map.highlight(measures.length > 1 ? [current.id] : []);
    const place = placeOf(current.value("geometry"));
    const box = place && bounds(positions(place));
    if (box && look) lookAt(map, box);
    enable("[data-undo]", before.length > 0 || shape !== null);
    enable("[data-clear]", place !== null);
  };
  const enable = (selector: string, yes: boolean): void => part(tools, selector).setAttribute("aria-disabled", String(!yes));
  const take = (wanted: Shape | null): void => {
    shape = wanted;
    pen?.take(wanted);
    for (const button of tools.querySelectorAll<HTMLElement>("[data-draw]")) {
      button.setAttribute("aria-pressed", String(button.dataset["draw"] === wanted));
    }
    write(root, "drawing", wanted ? HELP[wanted] : "");
    show(false);
  };
  const put = (measure: MeasureFields, text: string, chosen: boolean): void => {
    before.push({ measure, text: measure.value("geometry"), chosen: measure.chosen });
    measure.chosen = chosen;
    measure.tell("");
    measure.set("geometry", text);
    show(false);
  };
  const drawn = async (place: GeoJSON.Geometry): Promise<void> => {
    take(null);
    const measure = current;
    if (!measure) return;
    put(measure, textOf(place), false);
    if (place.type !== "LineString") return write(root, "drawing", "Übernommen. Straße und Querstraßen stehen links.");
    write(root, "drawing", await along(place, measure));
    show(false);
  };
  const undo = (): void => {
    if (shape && pen?.undo()) return;
    if (shape) return take(null);
    const last = before.pop();
    if (!last) return;
    last.measure.chosen = last.chosen;
    last.measure.set("geometry", last.text);
    write(root, "drawing", "Zurückgenommen.");
    show(true);
  };

  tools.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (!button || button.getAttribute("aria-disabled") === "true") return;
    const wanted = button.dataset["draw"] as Shape | undefined;
    if (wanted) take(wanted === shape ? null : wanted);
    else if (button.hasAttribute("data-undo")) undo();
    else if (current) put(current, "", current.chosen);
  }, { signal: listening.signal });
  const stopMap = startMap(root, {
    camera: null,
    lightsFrom: 0,
    picked: () => undefined,
    moved: ({ zoom, lat, lon }) => {
      root.dataset["camera"] = `${zoom}/${lat}/${lon}`;
    },
    ready: (ready) => {
      map = ready;
      const all = bounds(measures.flatMap((measure) => positions(placeOf(measure.value("geometry")) ?? EMPTY)));
      if (all) lookAt(ready, all);
      show(false);
      void import("./draw").then((draw) => {
        pen = draw.pen(ready.library, (place) => void drawn(place), () => show(false));
        tools.hidden = false;
      });
    },
  });
  return {
    show,
    choose: (measure) => {
      if (measure === current) return;
      current = measure;
      take(null);
      show(true);
    },
    stop: () => {
      listening.abort();
      pen?.stop();
      stopMap();
    },
  };
}

const EMPTY: GeoJSON.Geometry = { type: "MultiPoint", coordinates: [] };

/** Lays the drawn line on the street that it means, and names street and crossings; returns what to tell. */
async function along(line: GeoJSON.LineString, measure: MeasureFields): Promise<string> {
  const token = part<HTMLInputElement>(document, 'input[name="csrf_token"]').value;
  try {
    const found = await streets.drawn(line, measure.value("street").trim(), token);
    measure.set("geometry", textOf(found.geometry));
    measure.set("street", found.street);
    measure.set("from_street", found.from_street ?? "");
    measure.set("to_street", found.to_street ?? "");
    measure.setDistrict(found.district);
    return `An die Straße angelegt. ${streets.words(found)}`;
  } catch (error) {
    if (error instanceof streets.NotFoundError) return "Die Linie folgt keiner Straße und bleibt, wie sie gezeichnet ist.";
    throw error;
  }
}

function asMeasure(measure: MeasureFields): Measure[] {
  const place = placeOf(measure.value("geometry"));
  if (!place) return [];
  const kind = measure.field("kind") as HTMLSelectElement;
  const group = (kind.selectedOptions[0]?.dataset[GROUP_OF] ?? GROUPS.at(-1)) as Group;
  const properties = { id: measure.id, kind: kind.value || "other", group, look: "ordered", status: "planned" };
  return [{ type: "Feature", id: measure.id, geometry: place, properties: properties as unknown as Measure["properties"] }];
}
