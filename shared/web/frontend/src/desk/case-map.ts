/** The map of one case: its measures as they are ordered and as the lights see them. */

import type { Measure } from "../feature";
import { bounds, positions } from "../geometry";
import { startMap } from "../live/start-map";
import { drawing } from "../map/drawing";
import type { Stop } from "../modules";
import { lookAt } from "./look";

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
      if (box) lookAt(map, box);
    },
  });
}
