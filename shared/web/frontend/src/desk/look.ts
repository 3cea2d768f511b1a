/** Where the map of a case looks. */

import { distance, type Position } from "../geometry";
import type { CityMap } from "../map/city-map";

/** A place that is not longer than this is shown from near. */
const CLOSE_M = 350;
const CLOSE_ZOOM = 16.2;
const FAR_ZOOM = 15;

/** Shows the whole place, a small one from near; moves only where that is needed. */
export function lookAt(map: CityMap, box: [Position, Position]): void {
  if (map.camera().zoom >= FAR_ZOOM) return map.reveal(box, 0);
  map.fit(box, 0);
  if (distance(...box) < CLOSE_M) map.look({ ...map.camera(), zoom: CLOSE_ZOOM });
}
