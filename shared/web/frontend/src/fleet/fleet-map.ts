/** The fleet: the table that the server wrote, kept new, and all that was found on a map. */

import { bounds, type Position } from "../geometry";
import { freshness } from "../live/controls";
import { write } from "../live/slots";
import { startMap } from "../live/start-map";
import type { CityMap } from "../map/city-map";
import { EMPTY } from "../map/overlay";
import { part, type Stop } from "../modules";
import { dots, trail, wordsOf, type Fixes, type FoundLight } from "./found";
import { DEPOTS, FLEET_LAYERS, TRAIL } from "./layers";
import { ask, page, renew, rows } from "./table";

const EVERY_MS = 10_000;

export function fleetMap(root: HTMLElement): Stop {
  const table = part(root, "[data-rows]");
  const fresh = freshness(part(root, "[data-freshness]"));
  const leaving = new AbortController();
  const on = { signal: leaving.signal };
  let lights = new Map<string, FoundLight>();
  let chosen: string | null = null;
  let map: CityMap | null = null;
  let timer = 0;

  const draw = (): void => map?.drawLights(dots(lights.values(), chosen));
  const fetchLights = async (): Promise<void> => {
    const answer = await ask(root.dataset["lights"] ?? "", leaving.signal);
    if (!answer) return;
    const found = (await answer.json()) as { features: FoundLight[] };
    const first = lights.size === 0;
    lights = new Map(found.features.map((light) => [light.properties.id, light]));
    draw();
    const box = bounds(found.features.map((light) => light.geometry.coordinates as Position));
    if (first && box) map?.fit(box, 0);
    const [only, ...others] = lights.keys();
    if (first && only && others.length === 0) choose(only);
  };
  const fetchTable = async (): Promise<void> => {
    const here = new URL(location.href);
    here.hash = "";
    here.searchParams.set("karte", ""); // the list, also where it has become one light that would be led to
    const now = await page(here.href, leaving.signal);
    if (!now) return;
    part(root, "[data-news]").hidden = renew(table, now);
    fresh.contact();
  };
  const look = async (): Promise<void> => {
    if (!document.hidden) await Promise.all([map && fetchLights(), fetchTable()]);
    if (!leaving.signal.aborted) timer = window.setTimeout(() => void look(), EVERY_MS);
  };
  const drawTrail = async (id: string): Promise<void> => {
    map?.drawExtra(TRAIL, EMPTY);
    const answer = await ask(`/beacons/api/v1/devices/${encodeURIComponent(id)}/fixes`, leaving.signal);
    const told = answer && ((await answer.json()) as Fixes);
    if (told && chosen === id) map?.drawExtra(TRAIL, trail(told));
  };
  const choose = (id: string | null): void => {
    if (id === chosen) return;
    chosen = id;
    for (const [name, row] of rows(table)) row.toggleAttribute("data-chosen", name === id);
    tell(root, id, lights.get(id ?? ""));
    draw();
    if (id) void drawTrail(id);
    else map?.drawExtra(TRAIL, EMPTY);
  };
  const chooseRow = (event: Event): void => {
    const id = event.target instanceof Element ? event.target.closest<HTMLElement>("tr[data-id]")?.dataset["id"] : null;
    if (!id) return;
    choose(id);
    const here = lights.get(id)?.geometry.coordinates as Position | undefined;
    if (here) map?.reveal([here, here], 0);
  };

  table.addEventListener("click", chooseRow, on);
  table.addEventListener("focusin", chooseRow, on);
  const stopMap = startMap(root, {
    camera: null,
    lightsFrom: 0,
    extras: FLEET_LAYERS,
    picked: (id) => {
      choose(id);
      rows(table).get(id ?? "")?.scrollIntoView({ block: "nearest" });
    },
    moved: () => undefined,
    ready: (ready) => {
      map = ready;
      void fetchLights();
      void drawDepots(ready, root, leaving.signal);
    },
  });
  fresh.contact();
  timer = window.setTimeout(() => void look(), EVERY_MS);
  return () => {
    leaving.abort();
    clearTimeout(timer);
    fresh.stop();
    stopMap();
  };
}

async function drawDepots(map: CityMap, root: HTMLElement, signal: AbortSignal): Promise<void> {
  const answer = await ask(root.dataset["depots"] ?? "", signal);
  if (answer) map.drawExtra(DEPOTS, (await answer.json()) as GeoJSON.FeatureCollection);
}

/** The line over the map that names what was chosen there, also where the table shows another page. */
function tell(root: HTMLElement, id: string | null, light: FoundLight | undefined): void {
  part(root, "[data-chosen-light]").hidden = id === null;
  if (id === null) return;
  write(root, "chosen-words", light ? `${id}, ${wordsOf(light.properties)}` : `${id}, ohne Standort`);
  part<HTMLAnchorElement>(root, "[data-chosen-link]").href = `/beacons/lichter/${encodeURIComponent(id)}`;
}
