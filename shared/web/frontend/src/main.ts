/** Entry of every page. */

import { run } from "./modules";
import { tableKeys } from "./table-keys";

run({ "table-keys": tableKeys });
