/** The lights of the live map: dots from near, the chosen one in words and, for those who care for lights, its fixes. */

import { trail, type Fixes } from "../fleet/found";
import { TRAIL } from "../fleet/layers";
import { ask } from "../fleet/table";
import type { Light } from "../feature";
import type { CityMap } from "../map/city-map";
import { dots, wordsOf } from "../map/lights";
import { EMPTY } from "../map/overlay";
import { LIGHTS_FROM_ZOOM } from "../map/zooms";
import type { Stop } from "../modules";
import { moment } from "../times";
import { apply, follow } from "./feed";
import { write } from "./slots";

const SOURCE = {
  collection: "/beacons/api/v1/lights.geojson",
  stream: "/beacons/api/v1/lights/stream",
  updated: ["light.updated"],
  removed: ["light.removed"],
};

export interface Lights {
  /** They are asked for when one is near enough to see them. */
  look(zoom: number): void;
  choose(id: string | null): void;
  draw(map: CityMap): void;
  readonly stop: Stop;
}

export interface LightsReader {
  /** News of lights: draw when there is time. */
  changed(): void;
  /** The reader chose: draw now. */
  chosen(): void;
}

/** `data-trails` at the root: the reader may see where a light has been. */
export function lights(root: HTMLElement, reader: LightsReader): Lights {
  const known = new Map<string, Light>();
  const leaving = new AbortController();
  let following: Stop | null = null;
  let chosen: string | null = null;
  let fixes = EMPTY;

  const tell = (): void => {
    const light = chosen === null ? undefined : known.get(chosen);
    write(root, "notice", light ? told(light) : "");
  };
  const fetchFixes = async (id: string): Promise<void> => {
    const answer = await ask(`/beacons/api/v1/devices/${encodeURIComponent(id)}/fixes`, leaving.signal);
    if (!answer || chosen !== id) return;
    fixes = trail((await answer.json()) as Fixes);
    reader.chosen();
  };
  return {
    look: (zoom) => {
      if (following || zoom < LIGHTS_FROM_ZOOM) return;
      following = follow<Light>(SOURCE, {
        change: (change) => {
          apply(known, change, (one) => one.properties.device_id);
          tell();
          reader.changed();
        },
        contact: () => undefined,
      });
    },
    choose: (id) => {
      if (id === chosen) return;
      [chosen, fixes] = [id, EMPTY];
      tell();
      reader.chosen();
      if (id !== null && "trails" in root.dataset) void fetchFixes(id);
    },
    draw: (map) => {
      map.drawLights(dots(known.values(), chosen));
      map.drawExtra(TRAIL, fixes);
    },
    stop: () => {
      leaving.abort();
      following?.();
    },
  };
}

export function told({ properties }: Light): string {
  const { device_id: id, observed_at: at } = properties;
  return `Warnleuchte ${id}: ${wordsOf(properties)}${at ? `, gemessen ${moment(new Date(at), new Date())}` : ""}`;
}
