/** Entry of the pages where people work on a case. */

import { caseMap } from "./desk/case-map";
import { commands } from "./desk/commands";
import { deskForm } from "./desk/form";
import { run } from "./modules";

run({ "case-map": caseMap, "commands": commands, "desk-form": deskForm });
