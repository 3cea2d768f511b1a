// Bundles src/ into ../static/dist/ under hashed names, writes manifest.json (name -> hashed name, then those of all
// that it imports) and beside each text file its .gz and .br, so that no server compresses at the time of a request.
import { readFile, rm, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, gzip } from "node:zlib";
import { build } from "esbuild";
import { maplibre, slim } from "./slim.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const out = here("../static/dist");
const COMPRESSED = /\.(js|css)$/;

// MapLibre is bundled from its sources: its own bundles hold the code common to page and worker twice (+ 105 kB gzip).
const entryPoints = [
  { in: here("src/main.ts"), out: "main" },
  { in: here("src/map.ts"), out: "map" },
  { in: here("src/desk.ts"), out: "desk" },
  { in: `${maplibre}/source/worker.ts`, out: "maplibre-worker" },
  { in: here("src/styles/main.css"), out: "main" },
  { in: here("src/styles/map.css"), out: "map" },
  { in: here("src/styles/desk.css"), out: "desk" },
];

function nameOf(file) {
  return basename(file).replace(/-[A-Z0-9]{8}(?=\.\w+$)/, "");
}

async function compress(file) {
  const bytes = await readFile(file);
  await writeFile(`${file}.gz`, await promisify(gzip)(bytes, { level: 9 }));
  await writeFile(`${file}.br`, await promisify(brotliCompress)(bytes));
}

await rm(out, { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: here("."),
  alias: { "maplibre-gl": `${maplibre}/index.ts` },
  assetNames: "[name]-[hash]",
  bundle: true,
  chunkNames: "[name]-[hash]",
  entryNames: "[name]-[hash]",
  entryPoints,
  external: ["*.woff"], // every browser that runs the map reads woff2
  format: "esm",
  legalComments: "linked",
  loader: { ".woff2": "file" },
  logLevel: "warning",
  metafile: true,
  minify: true,
  outdir: out,
  plugins: [slim],
  splitting: true,
  target: "es2022",
  tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } }, // as MapLibre builds: its classes redeclare fields
});

const manifest = {};
for (const path of Object.keys(metafile.outputs)) {
  manifest[freeName(nameOf(path))] = [...imported(path)].map((it) => basename(it));
  if (COMPRESSED.test(path)) await compress(here(path));
}
await writeFile(`${out}/manifest.json`, `${JSON.stringify(manifest, Object.keys(manifest).sort(), 1)}\n`);

/** The file and what the browser must load before it runs. */
function imported(path, known = new Set()) {
  if (known.has(path)) return known;
  known.add(path);
  for (const { kind, path: other } of metafile.outputs[path].imports) if (kind === "import-statement") imported(other, known);
  return known;
}

/** Chunks share a name; all are listed, since what is listed may be cached for ever. */
function freeName(name) {
  let [free, count] = [name, 1];
  while (free in manifest) free = name.replace(".", `-${(count += 1)}.`);
  return free;
}
