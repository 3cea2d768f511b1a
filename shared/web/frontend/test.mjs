// Bundles tests/*.test.ts and runs them with node's own runner.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const out = here("node_modules/.cache/tests");
const tests = readdirSync(here("tests")).filter((name) => name.endsWith(".test.ts"));
await build({
  absWorkingDir: here("."),
  bundle: true,
  entryPoints: tests.map((name) => `tests/${name}`),
  format: "esm",
  logLevel: "warning",
  outdir: out,
  outExtension: { ".js": ".mjs" },
  platform: "node",
  sourcemap: "inline",
});
const files = tests.map((name) => `${out}/${name.replace(/\.ts$/, ".mjs")}`);
process.exitCode = spawnSync(process.execPath, ["--test", ...files], { stdio: "inherit" }).status ?? 1;
