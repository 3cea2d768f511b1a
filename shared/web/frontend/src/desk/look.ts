/** Where the map of a case looks. */

import type { Position } from "../geometry";
import type { CityMap } from "../map/city-map";

const CLOSEST_ZOOM = 16.2;
const FAR_ZOOM = 15;

/** Shows the whole place, a small one from near; moves only where that is needed. */
export function lookAt(map: CityMap, box: [Position, Position]): void {
  if (map.camera().zoom >= FAR_ZOOM) map.reveal(box, 0);
  else map.fit(box, 0, CLOSEST_ZOOM);
}
