/** Entry of the pages where people work on a case. */

import { caseMap } from "./desk/case-map";
import { deskForm } from "./desk/form";
import { run } from "./modules";

run({ "case-map": caseMap, "desk-form": deskForm });
