/** The one wrapper around MapLibre: every conversion between our words and the library's is here. */

import {
  Map as Library, prewarm, setWorkerUrl,
  type GeoJSONSource, type LayerSpecification, type MapMouseEvent, type MapOptions, type StyleSpecification,
} from "maplibre-gl";
import type { Camera } from "../live/address";
import type { Position } from "../geometry";
import { base, type Base } from "./base";
import { collection, type Drawing } from "./drawing";
import { hatch, pin, SHARPNESS } from "./images";
import { CLICKABLE, EMPTY, FOCUS, LIGHTS, ME, SHAPES, SYMBOLS, chosen, layers, sources } from "./overlay";
import { palette, type Palette } from "./palette";
import { style } from "./style";

export interface CityMap {
  draw(drawing: Drawing): void;
  drawLights(lights: GeoJSON.FeatureCollection): void;
  /** Fills one of the sources that `Options.extras` named. */
  drawExtra(source: string, features: GeoJSON.FeatureCollection): void;
  drawMe(at: Position): void;
  /** Puts a halo around these measures. */
  highlight(ids: readonly string[]): void;
  camera(): Camera;
  look(at: Camera): void;
  /** `coveredBelow` pixels of the map lie under the sheet; `closest`: the largest zoom. */
  fit(box: [Position, Position], coveredBelow: number, closest?: number): void;
  /** Moves only if the box is off-screen. */
  reveal(box: [Position, Position], coveredBelow: number): void;
  zoom(by: 1 | -1): void;
  /** For tools that draw on the map themselves. */
  readonly library: Library;
  /** Resolves when all that is in view was drawn once; the map can be moved before. */
  readonly drawn: Promise<unknown>;
  stop(): void;
}

/** What a page draws beside measures and lights: GeoJSON sources, layers below the lights and layers above them. */
export interface Extras {
  readonly sources: readonly string[];
  below(colours: Palette): LayerSpecification[];
  above(colours: Palette): LayerSpecification[];
}

export interface Options {
  readonly container: HTMLElement;
  readonly worker: string;
  readonly basemap: string;
  readonly camera: Camera | null;
  /** Without a camera: what to show first, if that is known when the map is made; else the whole city. */
  first?(): { readonly box: [Position, Position]; readonly coveredBelow: number } | null;
  /** The zoom from which single lights are shown. */
  readonly lightsFrom: number;
  readonly extras?: Extras;
  picked(id: string | null, layer: string): void;
  /** The light at that place, too, whatever else lies there. */
  pickedLight?(id: string | null): void;
  moved(camera: Camera): void;
}

const CLOSEST_ZOOM = 15;
const LABELS = { "Map.Title": "Karte. Pfeiltasten verschieben, Plus und Minus ändern den Maßstab." };
/** So far around a click or a finger something is hit. */
const REACH_PX = matchMedia("(pointer: coarse)").matches ? 14 : 8;
const DARK = "(prefers-color-scheme: dark)";
const STILL = "(prefers-reduced-motion: reduce)";

/** Resolves as soon as the map can be moved and drawn on; rejects where the browser has no WebGL 2. */
export async function cityMap(options: Options): Promise<CityMap & { readonly base: Base }> {
  setWorkerUrl(new URL(options.worker, location.href).href);
  prewarm(); // the worker loads while the base map's head is fetched
  const [ground] = await Promise.all([base(options.basemap), document.fonts.load("16px 'Fira Sans'")]);
  const dressed = (): StyleSpecification => whole(options, ground);
  const map = create(options, ground, dressed());
  const data = new Map<string, GeoJSON.FeatureCollection>();
  let halo: readonly string[] = [];

  const set = (source: string, features: GeoJSON.FeatureCollection): void => {
    data.set(source, features);
    map.getSource<GeoJSONSource>(source)?.setData(features);
  };
  const highlight = (ids: readonly string[]): void => {
    halo = ids;
    if (map.getLayer("halo")) map.setFilter("halo", chosen(ids));
    const symbols = data.get(SYMBOLS)?.features ?? [];
    set(FOCUS, collection(symbols.filter((one) => ids.includes(one.properties?.["id"] as string))));
  };
  const fill = (): void => {
    for (const [source, features] of data) set(source, features);
    highlight(halo);
  };
  const redress = (): void => {
    options.container.setAttribute("aria-busy", "true");
    void map.once("idle", () => options.container.removeAttribute("aria-busy"));
    map.setStyle(dressed(), { diff: false, validate: false });
  };
  map.on("style.load", fill);
  map.on("moveend", () => options.moved(cameraOf(map)));
  map.on("click", (event) => pick(map, event, options));
  map.on("mousemove", (event) => {
    map.getCanvas().style.cursor = hit(map, event).length > 0 ? "pointer" : "";
  });
  const scheme = matchMedia(DARK);
  scheme.addEventListener("change", redress);
  const drawn = map.once("load");
  await map.once("style.load");

  return {
    base: ground,
    library: map,
    drawn,
    draw: ({ shapes, symbols }) => {
      set(SHAPES, shapes);
      set(SYMBOLS, symbols);
      highlight(halo);
    },
    drawLights: (lights) => set(LIGHTS, lights),
    drawExtra: set,
    drawMe: (coordinates) => {
      set(ME, collection([{ type: "Feature", properties: {}, geometry: { type: "Point", coordinates } }]));
      map.easeTo({ center: coordinates, zoom: Math.max(map.getZoom(), 15), ...motion() });
    },
    highlight,
    camera: () => cameraOf(map),
    look: ({ lon, lat, zoom }) => map.jumpTo({ center: [lon, lat], zoom }),
    fit: (box, coveredBelow, closest = CLOSEST_ZOOM) =>
      map.fitBounds(box, { padding: padding(options.container, coveredBelow), maxZoom: closest, animate: false }),
    reveal: (box, coveredBelow) => reveal(map, box, coveredBelow),
    zoom: (by) => map.easeTo({ zoom: map.getZoom() + by, ...motion() }),
    stop: () => {
      scheme.removeEventListener("change", redress);
      map.remove();
    },
  };
}

/** The base map and all that lies on it, in one: nothing is laid out twice. */
function whole({ extras, lightsFrom }: Options, ground: Base): StyleSpecification {
  const colours = palette();
  const { sources: under, layers: lowest, ...rest } = style(colours, ground.url);
  const added = (extras?.sources ?? []).map((name) => [name, { type: "geojson", data: EMPTY }]);
  return {
    ...rest,
    sources: { ...under, ...sources(), ...(Object.fromEntries(added) as StyleSpecification["sources"]) },
    layers: [...lowest, ...(extras?.below(colours) ?? []), ...layers(colours, lightsFrom), ...(extras?.above(colours) ?? [])],
  };
}

function view({ camera, first, container }: Options, ground: Base): Partial<MapOptions> {
  if (camera) return { center: [camera.lon, camera.lat], zoom: camera.zoom };
  const known = first?.();
  if (known) {
    const around = padding(container, known.coveredBelow);
    return { bounds: known.box, fitBoundsOptions: { padding: around, maxZoom: CLOSEST_ZOOM } };
  }
  return ground.bounds ? { bounds: ground.bounds } : {};
}

function create(options: Options, ground: Base, dressed: StyleSpecification): Library {
  const { container } = options;
  const map = new Library({
    container,
    ...view(options, ground),
    style: dressed,
    validateStyle: false,
    locale: LABELS,
    attributionControl: false, // stands in the page, always visible and readable without the map

    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    maxPitch: 0,
    minZoom: 9,
    maxZoom: 19.5,
    fadeDuration: motion().animate ? 200 : 0,
    rollEnabled: false,
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.setMissingStyleImageResolver((name) => paint(map, name));
  return map;
}

function paint(map: Library, name: string): void {
  if (map.hasImage(name)) return;
  if (name.startsWith("pin|")) map.addImage(name, pin(name, palette()), { pixelRatio: SHARPNESS });
  if (name.startsWith("hatch|")) map.addImage(name, hatch(name, palette()), { pixelRatio: SHARPNESS });
}

function hit(map: Library, { point: { x, y } }: MapMouseEvent): ReturnType<Library["queryRenderedFeatures"]> {
  const layers = [...CLICKABLE, "clusters", "lights"].filter((layer) => map.getLayer(layer));
  return map.queryRenderedFeatures([[x - REACH_PX, y - REACH_PX], [x + REACH_PX, y + REACH_PX]], { layers });
}

/** A cluster opens, anything else is told; selecting never moves the camera. */
function pick(map: Library, event: MapMouseEvent, options: Options): void {
  const found = hit(map, event);
  const idOf = (feature: typeof found[number] | undefined): string | null =>
    (feature?.properties["id"] as string | undefined) ?? null;
  options.pickedLight?.(idOf(found.find((one) => one.layer.id === LIGHTS)));
  const first = found.find((one) => CLICKABLE.includes(one.layer.id)) ?? found[0];
  const cluster = first?.properties["cluster_id"] as number | undefined;
  if (!first || cluster === undefined) {
    options.picked(idOf(first), first?.layer.id ?? "");
    return;
  }
  void map.getSource<GeoJSONSource>(SYMBOLS)?.getClusterExpansionZoom(cluster).then((zoom) => {
    const { coordinates } = first.geometry as GeoJSON.Point;
    map.easeTo({ center: coordinates as Position, zoom: zoom + 0.2, ...motion() });
  });
}

function reveal(map: Library, box: [Position, Position], coveredBelow: number): void {
  const { clientWidth: width, clientHeight: height } = map.getContainer();
  const corners = box.map((corner) => map.project(corner));
  const seen = corners.some(({ x, y }) => x > 20 && x < width - 20 && y > 20 && y < height - coveredBelow - 20);
  if (seen) return;
  map.fitBounds(box, { padding: padding(map.getContainer(), coveredBelow), maxZoom: Math.max(map.getZoom(), 15.5), ...motion() });
}

/** Room for the pins above their places, and for what lies over the map: where the list is a sheet, legend and buttons. */
function padding(container: HTMLElement, coveredBelow: number): { top: number; left: number; right: number; bottom: number } {
  const { clientWidth: width, clientHeight: height } = container;
  const [aside, narrow] = [Math.min(70, width / 8), coveredBelow > 0];
  return {
    top: narrow ? 84 : 60,
    left: aside,
    right: narrow ? Math.max(aside, 72) : aside,
    bottom: Math.max(Math.min(coveredBelow + 40, height - 160), 40),
  };
}

function cameraOf(map: Library): Camera {
  const { lng, lat } = map.getCenter();
  return { zoom: map.getZoom(), lat, lon: lng };
}

function motion(): { animate: boolean; duration: number } {
  return { animate: !matchMedia(STILL).matches, duration: 350 };
}
