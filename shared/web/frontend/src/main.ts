/** Entry of every page. */

import { copy } from "./copy";
import { run } from "./modules";
import { nearMe } from "./near-me";
import { refresh } from "./refresh";
import { tableKeys } from "./table-keys";

run({ copy, refresh, "near-me": nearMe, "table-keys": tableKeys });
