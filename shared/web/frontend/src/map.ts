/** Entry of the pages with a map. */

import { fleetMap } from "./fleet/fleet-map";
import { liveMap } from "./live/live-map";
import { run } from "./modules";

run({ "live-map": liveMap, "fleet-map": fleetMap });
