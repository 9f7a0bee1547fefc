// `npm run preload`: writes into the page which modules its first view needs, for the browser to fetch them at once.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withPreloads } from "./support/modules.js";
import { WWW } from "./support/paths.js";

const file = join(WWW, "index.html");
writeFileSync(file, withPreloads(readFileSync(file, "utf8")));
