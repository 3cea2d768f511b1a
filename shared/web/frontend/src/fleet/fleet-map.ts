/** The fleet: the table that the server wrote, kept new, and the same lights on a map. */

import type { Light } from "../feature";
import { follow } from "../live/feed";
import { write } from "../live/slots";
import { startMap } from "../live/start-map";
import { freshness } from "../live/controls";
import type { CityMap } from "../map/city-map";
import { dots, stateOf, wordsOf } from "../map/lights";
import { bounds, type Position } from "../geometry";
import { part, type Stop } from "../modules";
import { at } from "../times";

const LIGHTS = {
  collection: "/beacons/api/v1/lights.geojson",
  stream: "/beacons/api/v1/lights/stream",
  updated: ["light.updated"],
  removed: ["light.removed"],
};
const DRAW_AFTER_MS = 200;

export function fleetMap(root: HTMLElement): Stop {
  const lights = new Map<string, Light>();
  const rows = new Map([...root.querySelectorAll<HTMLElement>("tr[data-id]")].map((row) => [row.dataset["id"] ?? "", row]));
  const form = part<HTMLFormElement>(root, "[data-filter]");
  const fresh = freshness(part(root, "[data-freshness]"));
  const listening = new AbortController();
  let chosen: string | null = null;
  let map: CityMap | null = null;
  let fitted = false;
  let timer = 0;

  const draw = (): void => {
    map?.drawLights(dots(lights.values(), chosen));
    const box = bounds([...lights.values()].map((light) => light.geometry.coordinates as Position));
    if (map && box && !fitted) {
      map.fit(box, 0);
      fitted = true;
    }
  };
  const soon = (): void => {
    clearTimeout(timer);
    timer = window.setTimeout(() => {
      draw();
      for (const [id, row] of rows) fill(row, lights.get(id));
      sieve(form, rows, root);
    }, DRAW_AFTER_MS);
  };
  const update = (light: Light): void => {
    const { device_id: id, observed_at: observed } = light.properties;
    const before = lights.get(id)?.properties;
    const battery = light.properties.battery_pct ?? before?.battery_pct ?? null;
    lights.set(id, { ...light, properties: { ...light.properties, battery_pct: battery } });
    const row = rows.get(id);
    if (row && observed && observed > (before?.observed_at ?? "")) write(row, "contact", at(new Date(observed), new Date()));
  };
  const choose = (id: string | null): void => {
    chosen = id;
    for (const [name, row] of rows) row.toggleAttribute("data-chosen", name === id);
    draw();
  };

  const on = { signal: listening.signal };
  form.hidden = false;
  form.addEventListener("input", () => sieve(form, rows, root), on);
  form.addEventListener("submit", (event) => event.preventDefault(), on);
  part(root, "tbody").addEventListener("click", (event) => {
    const id = event.target instanceof Element ? event.target.closest<HTMLElement>("tr[data-id]")?.dataset["id"] : null;
    const light = id ? lights.get(id) : undefined;
    if (!id || !light) return;
    choose(id);
    const here = light.geometry.coordinates as Position;
    map?.reveal([here, here], 0);
  }, on);
  const stops = [
    follow<Light>(LIGHTS, {
      change: (change) => {
        if (change.kind === "all") {
          lights.clear();
          for (const light of change.features) lights.set(light.properties.device_id, light);
        } else if (change.kind === "updated") update(change.feature);
        else lights.delete(change.id);
        soon();
      },
      contact: fresh.contact,
    }),
    startMap(root, {
      camera: null,
      lightsFrom: 0,
      picked: (id) => {
        choose(id);
        rows.get(id ?? "")?.scrollIntoView({ block: "center" });
      },
      moved: () => undefined,
      ready: (ready) => {
        map = ready;
        draw();
      },
    }),
    fresh.stop,
    () => clearTimeout(timer),
    () => listening.abort(),
  ];
  return () => stops.forEach((stop) => stop());
}

/** What the stream does not tell (battery, to the public) stays as the server wrote it. */
function fill(row: HTMLElement, light: Light | undefined): void {
  if (!light) return;
  const { battery_pct: battery } = light.properties;
  row.dataset["state"] = stateOf(light.properties);
  write(row, "state", wordsOf(light.properties));
  if (battery !== null) write(row, "battery", `${Math.round(battery)} %`);
}

/** Shows the rows that the form asks for, and says how many they are. */
function sieve(form: HTMLFormElement, rows: ReadonlyMap<string, HTMLElement>, root: HTMLElement): void {
  const wanted = Object.fromEntries(new FormData(form)) as { search?: string; state?: string };
  const search = (wanted.search ?? "").toLowerCase();
  let shown = 0;
  for (const row of rows.values()) {
    const matches = (!wanted.state || row.dataset["state"] === wanted.state) && (row.textContent ?? "").toLowerCase().includes(search);
    row.hidden = !matches;
    if (matches) shown += 1;
  }
  write(root, "count", `${shown.toLocaleString("de-DE")} von ${rows.size.toLocaleString("de-DE")} Geräten`);
}
