/** The one wrapper around MapLibre: every conversion between our words and the library's is here. */

import { Map as Library, setWorkerUrl, type GeoJSONSource, type LayerSpecification, type MapMouseEvent } from "maplibre-gl";
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
  /** The zoom from which single lights are shown. */
  readonly lightsFrom: number;
  readonly extras?: Extras;
  picked(id: string | null, layer: string): void;
  moved(camera: Camera): void;
}

const LABELS = { "Map.Title": "Karte. Pfeiltasten verschieben, Plus und Minus ändern den Maßstab." };
/** So far around a click or a finger something is hit. */
const REACH_PX = matchMedia("(pointer: coarse)").matches ? 14 : 8;
const DARK = "(prefers-color-scheme: dark)";
const STILL = "(prefers-reduced-motion: reduce)";

/** Rejects where the browser has no WebGL 2. */
export async function cityMap(options: Options): Promise<CityMap & { readonly base: Base }> {
  setWorkerUrl(new URL(options.worker, location.href).href);
  const [ground] = await Promise.all([base(options.basemap), document.fonts.load("16px 'Fira Sans'")]);
  const map = create(options, ground);
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
  const dress = (): void => {
    for (const [name, source] of Object.entries(sources())) map.addSource(name, source);
    const [colours, extras] = [palette(), options.extras];
    for (const name of extras?.sources ?? []) map.addSource(name, { type: "geojson", data: EMPTY });
    const all = [...(extras?.below(colours) ?? []), ...layers(colours, options.lightsFrom), ...(extras?.above(colours) ?? [])];
    for (const layer of all) map.addLayer(layer);
    for (const [source, features] of data) set(source, features);
    highlight(halo);
  };
  const redress = (): void => {
    map.setStyle(style(palette(), ground.url), { diff: false });
  };
  map.on("style.load", dress);
  map.on("moveend", () => options.moved(cameraOf(map)));
  map.on("click", (event) => pick(map, event, options));
  map.on("mousemove", (event) => {
    map.getCanvas().style.cursor = hit(map, event).length > 0 ? "pointer" : "";
  });
  const scheme = matchMedia(DARK);
  scheme.addEventListener("change", redress);
  await map.once("load");

  return {
    base: ground,
    library: map,
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
    fit: (box, coveredBelow, closest = 15) =>
      map.fitBounds(box, { padding: padding(map, coveredBelow), maxZoom: closest, animate: false }),
    reveal: (box, coveredBelow) => reveal(map, box, coveredBelow),
    zoom: (by) => map.easeTo({ zoom: map.getZoom() + by, ...motion() }),
    stop: () => {
      scheme.removeEventListener("change", redress);
      map.remove();
    },
  };
}

function create(options: Options, ground: Base): Library {
  const { camera, container } = options;
  const view = camera
    ? { center: [camera.lon, camera.lat] as Position, zoom: camera.zoom }
    : { ...(ground.bounds && { bounds: ground.bounds }) };
  const map = new Library({
    container,
    ...view,
    style: style(palette(), ground.url),
    locale: LABELS,
    attributionControl: false, // stands in the page, always visible and readable without the map
    canvasContextAttributes: { antialias: true },
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
  const first = found.find((one) => CLICKABLE.includes(one.layer.id)) ?? found[0];
  const cluster = first?.properties["cluster_id"] as number | undefined;
  if (!first || cluster === undefined) {
    options.picked((first?.properties["id"] as string | undefined) ?? null, first?.layer.id ?? "");
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
  map.fitBounds(box, { padding: padding(map, coveredBelow), maxZoom: Math.max(map.getZoom(), 15.5), ...motion() });
}

/** Room for the pins above their places, and for what lies over the map: where the list is a sheet, legend and buttons. */
function padding(map: Library, coveredBelow: number): { top: number; left: number; right: number; bottom: number } {
  const { clientWidth: width, clientHeight: height } = map.getContainer();
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
