// Leaves out of our libraries what no page uses, as an esbuild plugin: of MapLibre a fifth, which the page and its
// worker would load and parse each, of KERN's style sheet half.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import postcss from "postcss";

export const maplibre = fileURLToPath(new URL("node_modules/maplibre-gl/src", import.meta.url));

const MODULES = [
  "source/vector_tile_mlt", // ours are MVT
  "source/(raster|raster_dem|video|image|canvas)\\w*_source",
  "(style/style_layer|webgl/draw)/(draw_)?(heatmap|hillshade|color_relief|fill_extrusion|raster)(_style_layer)?",
  "webgl/draw/draw_(terrain|debug|collision_debug|custom)",
  "geo/projection/(globe_(projection|transform|camera_helper|covering_tiles_details_provider)|vertical_perspective_\\w+)",
  "(render|tile)/terrain\\w*",
  "webgl/render_to_texture",
  "data/dem_data",
  "ui/(popup|marker|control/\\w+)",
];
const SHADERS = "atmosphere|collision_\\w+|color_relief|debug|fill_extrusion\\w*|heatmap\\w*|hillshade\\w*|_projection_globe|raster|terrain\\w*";
const UNUSED = new RegExp(`/maplibre-gl/src/(${MODULES.join("|")})\\.ts$`);
const UNUSED_SHADER = new RegExp(`/maplibre-gl/src/shaders/glsl/(${SHADERS})\\.\\w+\\.glsl\\.g\\.ts$`);

/** Instead of MapLibre's check of styles: ours are checked by the compiler. */
const CONTENT = `const content = () => false;
export { content as emitValidationErrors, content as validateAndEmit, content as validateStyle, content as validateStyleAndEmit };
export const SPEC_SOURCE_TYPES = new Set();`;

/** By style sheet: the classes whose rules stay; rules without a class of the library stay as well. */
const CLASSES = {
  "kern.min.css": /^kern-(accordion|alert|body|btn|container|dark|description-list|error|fieldset|form-(check|input)|heading|hint|icon(--(info|success|warning|danger|small|default|large|x-large|md))?$|kopfzeile|label|light|link|list|sr-only|table|title)/,
  "maplibre-gl.css": /^maplibregl-(map|canvas|interactive|touch|track|boxzoom|crosshair)/,
};

export const slim = {
  name: "slim",
  setup(build) {
    build.onLoad({ filter: UNUSED }, async ({ path }) => ({ contents: hollow(await readFile(path, "utf8")) }));
    build.onLoad({ filter: UNUSED_SHADER }, () => ({ contents: 'export default "";' }));
    build.onLoad({ filter: /\/maplibre-gl\/src\/style\/validate_style\.ts$/ }, () => ({ contents: CONTENT }));
    build.onLoad({ filter: /\/maplibre-gl\/package\.json$/ }, async ({ path }) => {
      const { version } = JSON.parse(await readFile(path, "utf8"));
      return { contents: JSON.stringify({ version }), loader: "json" };
    });
    for (const [sheet, kept] of Object.entries(CLASSES)) {
      const filter = new RegExp(`/${sheet.replaceAll(".", "\\.")}$`);
      build.onLoad({ filter }, async ({ path }) => ({ contents: rules(await readFile(path, "utf8"), kept), loader: "css" }));
    }
  },
};

/** The same exports; nothing is a layer or a source of such a kind, and whoever makes one learns why that fails. */
function hollow(source) {
  const names = [...source.matchAll(/^export (?:const|function|class) (\w+)/gm)].map(([, name]) => name);
  const listed = [...source.matchAll(/^export \{([^}]*)\}/gm)].flatMap(([, list]) => list.split(",").map((it) => it.trim()));
  return [...names, ...listed].filter(Boolean).map((name) => {
    const body = name.startsWith("is") ? "return false" : `throw new Error("${name} was left out of this build")`;
    return `export function ${name}() { ${body}; }`;
  }).join("\n");
}

function rules(css, kept) {
  const sheet = postcss.parse(css);
  const stays = (selector) => (selector.match(/(?<=\.)(kern|maplibregl)-[\w-]+/g) ?? []).every((name) => kept.test(name));
  sheet.walkRules((rule) => {
    const selectors = rule.selectors.filter(stays);
    if (selectors.length === 0) rule.remove();
    else if (selectors.length < rule.selectors.length) rule.selectors = selectors;
  });
  return sheet.toString();
}
