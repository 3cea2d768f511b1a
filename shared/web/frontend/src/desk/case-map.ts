/** The map of one case: its measures as they are ordered and as the lights see them. */

import type { Measure } from "../feature";
import { bounds, distance, positions } from "../geometry";
import { startMap } from "../live/start-map";
import { drawing } from "../map/drawing";
import type { Stop } from "../modules";

/** A place that is not longer than this is shown from near. */
const CLOSE_M = 350;
const CLOSE_ZOOM = 16.2;

export function caseMap(root: HTMLElement): Stop {
  const measures = JSON.parse(root.dataset["features"] ?? "[]") as Measure[];
  return startMap(root, {
    camera: null,
    lightsFrom: 0,
    picked: () => undefined,
    moved: () => undefined,
    ready: (map) => {
      map.draw(drawing(measures, new Date()));
      const box = bounds(measures.flatMap((measure) => positions(measure.geometry)));
      if (!box) return;
      map.fit(box, 0);
      if (distance(...box) < CLOSE_M) map.look({ ...map.camera(), zoom: CLOSE_ZOOM });
    },
  });
}
