/** The live map: one store of measures, shown twice and equally, as a list and on a map. The map may be missing. */

import { LIVE_LAYERS } from "../fleet/layers";
import type { Measure } from "../feature";
import { bounds, positions, type Position } from "../geometry";
import type { CityMap } from "../map/city-map";
import { drawing } from "../map/drawing";
import { LIGHTS_FROM_ZOOM } from "../map/zooms";
import { part, type Stop } from "../modules";
import { read, write as address, type View } from "./address";
import { filterForm, freshness, sheet } from "./controls";
import { detail as detailPanel } from "./detail";
import { apply, follow } from "./feed";
import { anyOf, NO_FILTER, nothing, same, selected, type Filter } from "./filter";
import { lights } from "./lights";
import { list as listPanel } from "./list";
import { write } from "./slots";
import { startMap } from "./start-map";
import { streets as streetSearch } from "./streets";

const MEASURES = {
  collection: "/map/measures.json",
  stream: "/map/stream",
  updated: ["measure.updated", "measure.ended"],
  removed: ["measure.removed"],
};
/** Changes that come together are drawn together. */
const DRAW_AFTER_MS = 120;

export function liveMap(root: HTMLElement): Stop {
  const measures = new Map<string, Measure>();
  const stops: Stop[] = [];
  let view: View = read(location.search);
  const { camera } = view;
  let pointed: string | null = null;
  let told = 0;
  let loaded = false;
  let listed = false;
  let looked = false;
  let paused = false;
  let timer = 0;
  let map: CityMap | null = null;

  const visible = (): Measure[] => selected(measures.values(), view.filter, new Date());
  /** What is chosen is a step that the browser's back button undoes; the rest only changes the address. */
  const remember = (change: Partial<View>): void => {
    const step = change.chosen !== undefined && change.chosen !== view.chosen;
    view = { ...view, ...change };
    const to = address(view, location.search) || location.pathname;
    if (step) history.pushState(null, "", to);
    else history.replaceState(history.state, "", to);
    lead(root, view);
  };

  const list = listPanel(part(root, "[data-list]"), {
    choose: (id) => choose(id, true),
    point: (id) => point(id),
    empty: () => explain(root, view.filter, measures.values()),
  });
  const detail = detailPanel(part(root, "[data-detail]"), () => choose(null, false));
  const panel = part(root, "[data-sheet]");
  const heights = sheet(panel);
  const fresh = freshness(part(root, "[data-freshness]"));

  const covered = (): number => (getComputedStyle(panel).position === "absolute" ? panel.clientHeight : 0);
  const marks = (): void => {
    list.mark(view.chosen, pointed);
    map?.highlight([view.chosen, pointed].filter((id) => id !== null));
  };
  const point = (id: string | null): void => {
    if (id === pointed) return;
    pointed = id;
    marks();
  };
  const choose = (id: string | null, fromList: boolean): void => {
    const before = view.chosen;
    remember({ chosen: id });
    show(before, fromList);
  };
  const show = (before: string | null, fromList: boolean): void => {
    const { chosen } = view;
    const measure = chosen === null ? undefined : measures.get(chosen);
    part(root, "[data-list]").hidden = chosen !== null;
    marks();
    told = measure?.properties.version ?? 0;
    if (chosen === null) {
      detail.close();
      if (before) list.focus(before);
      return;
    }
    heights.lift();
    detail.open(chosen);
    const box = measure && bounds(positions(measure.geometry));
    if (fromList && box) map?.reveal(box, covered());
  };

  const draw = (): void => {
    if (!map) return;
    map.draw(drawing(visible(), new Date()));
    lamps.draw(map);
    marks();
  };
  const lookAt = (box: [Position, Position]): void => map?.fit(box, covered());
  const lookAtAll = (): void => {
    const box = boxOfAll();
    if (box) lookAt(box);
  };
  const boxOfAll = (): [Position, Position] | null =>
    bounds(visible().flatMap((one) => positions(one.geometry).slice(0, 1)));
  /** Where the address does not say where to look, once: at what is chosen, else at what is on the list. */
  const firstBox = (): [Position, Position] | null => {
    if (!listed || camera || looked) return null;
    looked = true;
    const chosen = view.chosen ? measures.get(view.chosen) : undefined;
    return (chosen && bounds(positions(chosen.geometry))) ?? boxOfAll();
  };
  const lookFirst = (): void => {
    const box = map && firstBox();
    if (box) lookAt(box);
  };
  const first = (): void => {
    listed = true;
    list.show(visible());
    if (view.chosen) show(null, false);
    lookFirst();
  };
  const refresh = (): void => {
    if (paused || !loaded) return;
    if (listed) list.offer(visible(), measures);
    else first();
    const open = view.chosen ? measures.get(view.chosen) : undefined;
    if (open && open.properties.version !== told) {
      told = open.properties.version;
      detail.update(open.id);
    }
    draw();
  };
  const soon = (): void => {
    clearTimeout(timer);
    timer = window.setTimeout(refresh, listed ? DRAW_AFTER_MS : 0);
  };
  const lamps = lights(root, { changed: soon, chosen: draw });
  const relist = (): void => {
    root.querySelector("[data-unknown]")?.remove();  // what the server said of the search before
    if (!listed) return;
    list.show(visible());
    draw();
  };
  const form = part<HTMLFormElement>(root, "[data-filter]");
  const streets = streetSearch(form, {
    chosen: lookAt,
    unknown: (typed) => {
      const nowhere = typed !== "" && !anyOf(measures.values(), typed);
      write(root, "unknown", nowhere ? `Eine Straße „${typed}“ ist nicht bekannt.` : "");
    },
  });
  const filters = filterForm(form, view.filter, {
    changed: (filter) => {
      remember({ filter });
      relist();
    },
    sought: () => {
      const street = visible().length === 0 ? streets.first() : null;
      if (street) lookAt(street);
      else lookAtAll();
      streets.close();
    },
  });

  lead(root, view);
  stops.push(
    follow<Measure>(MEASURES, {
      change: (change) => {
        apply(measures, change, (one) => one.properties.id);
        loaded ||= change.kind === "all";
        soon();
      },
      contact: fresh.contact,
    }),
    pauseButton(part(root, "[data-pause]"), (value) => {
      paused = value;
      fresh.halt(paused);
      if (!paused) refresh();
    }),
    startMap(root, {
      camera,
      lightsFrom: LIGHTS_FROM_ZOOM,
      first: () => {
        const box = firstBox();
        return box && { box, coveredBelow: covered() };
      },
      extras: LIVE_LAYERS,
      picked: (id, layer) => layer === "lights" || choose(id, false),
      pickedLight: lamps.choose,
      moved: (moved) => {
        remember({ camera: moved });
        lamps.look(moved.zoom);
      },
      ready: (ready) => {
        map = ready;
        lookFirst();
        if (looked) remember({ camera: ready.camera() });
        lamps.look(ready.camera().zoom);
        draw();
      },
    }),
    onBack(() => {
      const { chosen: before, filter } = view;
      view = read(location.search);
      lead(root, view);
      if (view.camera) map?.look(view.camera);
      if (!same(view.filter, filter)) {
        filters.set(view.filter);
        streets.close();
        write(root, "unknown", "");
        relist();
      }
      if (listed && view.chosen !== before) show(before, false);
    }),
    list.stop, detail.stop, filters.stop, heights.stop, fresh.stop, streets.stop, lamps.stop,
    () => clearTimeout(timer),
  );
  return () => stops.forEach((stop) => stop());
}

/** What stands where the list is empty, and the way to what there is all the same. */
function explain(root: HTMLElement, filter: Filter, all: Iterable<Measure>): void {
  const { strasse } = filter;
  const elsewhere = anyOf(all, strasse);
  const link = part<HTMLAnchorElement>(root, "[data-anyway]");
  write(root, "nothing", nothing(filter, elsewhere));
  link.hidden = !elsewhere;
  link.textContent = `alles zu „${strasse.trim()}“`;
  link.href = address({ camera: null, chosen: null, filter: { ...NO_FILTER, zeit: "zeitraum", strasse } }, location.search);
}

/** The ways to this view in another form: with drawings for want of a map, large from within a frame. */
function lead(root: HTMLElement, view: View): void {
  const here = address(view, location.search);
  part<HTMLAnchorElement>(root, "[data-sketches]").href = `/?ansicht=liste${here.replace("?", "&")}`;
  const large = root.querySelector<HTMLAnchorElement>("[data-large]");
  if (large) large.href = `/${address(view, "")}`;
}

function pauseButton(button: HTMLElement, changed: (paused: boolean) => void): Stop {
  const toggle = (): void => {
    const paused = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(paused));
    changed(paused);
  };
  button.hidden = false;
  button.addEventListener("click", toggle);
  return () => button.removeEventListener("click", toggle);
}

function onBack(changed: () => void): Stop {
  addEventListener("popstate", changed);
  return () => removeEventListener("popstate", changed);
}
