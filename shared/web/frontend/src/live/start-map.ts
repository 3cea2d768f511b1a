/** Loads and starts the map and its buttons; where it cannot be, the list takes the room and says so. */

import type { CityMap, Extras, Options } from "../map/city-map";
import { part, type Stop } from "../modules";
import type { Camera } from "./address";
import { write } from "./slots";

export interface MapReader {
  readonly camera: Camera | null;
  readonly lightsFrom: number;
  readonly extras?: Extras;
  readonly first?: Options["first"];
  /** `layer` tells a light from a measure. */
  picked(id: string | null, layer: string): void;
  pickedLight?(id: string | null): void;
  moved(camera: Camera): void;
  ready(map: CityMap): void;
}

export function startMap(root: HTMLElement, reader: MapReader): Stop {
  const listening = new AbortController();
  const { worker = "", basemap = "" } = root.dataset;
  let running: CityMap | null = null;
  import("../map/city-map")
    .then(({ cityMap }) => cityMap({
      container: part(root, "[data-map]"),
      worker,
      basemap,
      ...reader,
    }))
    .then(async (map) => {
      if (listening.signal.aborted) return map.stop();
      running = map;
      buttons(root, map, listening.signal);
      reader.ready(map);
      await map.drawn;
      const attribution = await map.base.attribution;
      if (attribution) write(root, "attribution", attribution);
      root.dataset["mapState"] = "ready";
    })
    .catch((error: unknown) => {
      console.warn("The map cannot be shown", error);
      root.dataset["mapState"] = "missing";
    });
  return () => {
    listening.abort();
    running?.stop();
  };
}

/** Zooming by button is for the pointer; the keyboard has plus and minus on the map, which stays one tab stop. */
function buttons(root: HTMLElement, map: CityMap, signal: AbortSignal): void {
  part(root, "[data-map-buttons]").hidden = false;
  root.querySelector("[data-slot=loading]")?.remove();
  const on = (selector: string, run: () => void): void =>
    root.querySelector(selector)?.addEventListener("click", run, { signal });
  on("[data-zoom-in]", () => map.zoom(1));
  on("[data-zoom-out]", () => map.zoom(-1));
  on("[data-locate]", () => navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      write(root, "notice", "");
      map.drawMe([coords.longitude, coords.latitude]);
    },
    () => write(root, "notice", "Ihr Standort ist nicht bekannt."),
  ));
}
