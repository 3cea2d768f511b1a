/** The form of a case with scripts: suggestions, the map beside it, and saving as one goes. */

import { write } from "../live/slots";
import { part, type Stop } from "../modules";
import { autosave } from "./autosave";
import { canvas } from "./canvas";
import { leadToErrors } from "./errors";
import { measuresOf } from "./fields";
import { sections } from "./sections";

export function deskForm(root: HTMLElement): Stop {
  const form = part<HTMLFormElement>(root, "[data-form]");
  const measures = measuresOf(form);
  const listening = new AbortController();
  const map = canvas(root, measures);
  const on = { signal: listening.signal };
  form.addEventListener("focusin", (event) => {
    const at = event.target instanceof Element ? event.target.closest("[data-measure]") : null;
    const measure = measures.find((one) => one.root === at);
    if (!measure) return;
    map.choose(measure);
    if (measures.length > 1) write(root, "which", `Maßnahme ${measures.indexOf(measure) + 1}`);
  }, on);
  form.addEventListener("change", (event) => {
    if (event.target instanceof Element && event.target.matches('[name$="-geometry"], [name$="-kind"]')) map.show(true);
  }, on);
  root.dataset["scripted"] = "";
  leadToErrors();
  const stops = [
    ...measures.map((measure) => sections(measure, () => map.show(true))),
    autosave(root, form),
    map.stop,
    () => listening.abort(),
  ];
  return () => stops.forEach((stop) => stop());
}
