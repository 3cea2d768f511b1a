/**
 * The address holds the view: camera, chosen measure and filter; whoever gets the link sees the same. Without scripts
 * that is the filtered list and a link to the measure's own page.
 */

import { GROUPS } from "../effect";
import { NO_FILTER, type Filter } from "./filter";

export interface Camera {
  readonly zoom: number;
  readonly lat: number;
  readonly lon: number;
}

export interface View {
  readonly camera: Camera | null;
  readonly chosen: string | null;
  readonly filter: Filter;
}

const SPANS = ["jetzt", "woche", "neu", "zeitraum"] as const;
const TRAVELLERS = ["car", "truck", "bus", "bicycle", "foot"] as const;
const DAY = /^[12]\d{3}-\d\d-\d\d$/;
const LONGEST = 80;

export function read(query: string): View {
  const values = new URLSearchParams(query);
  const text = (name: string): string => values.get(name) ?? "";
  const day = (name: string): string => (isDay(text(name)) ? text(name) : "");
  return {
    camera: camera(text("karte")),
    chosen: values.get("baustelle"),
    filter: {
      zeit: SPANS.find((span) => span === text("zeit")) ?? NO_FILTER.zeit,
      von: day("von"),
      bis: day("bis"),
      wirkung: GROUPS.find((group) => group === text("wirkung")) ?? "",
      verkehr: TRAVELLERS.find((one) => one === text("verkehr")) ?? "",
      strasse: text("strasse").trim().slice(0, LONGEST),
    },
  };
}

/** As choice.py reads it: of days that there are. */
function isDay(text: string): boolean {
  const day = new Date(`${text}T00:00Z`);
  return DAY.test(text) && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

/** Empty for the plain view. `before`: the query now, of which `embed` stays. */
export function write(view: View, before: string): string {
  const { camera: at, chosen, filter } = view;
  const embed = new URLSearchParams(before).has("embed") ? "1" : "";
  const values = {
    embed,
    zeit: filter.zeit === NO_FILTER.zeit ? "" : filter.zeit,
    von: filter.von,
    bis: filter.bis,
    wirkung: filter.wirkung,
    verkehr: filter.verkehr,
    strasse: filter.strasse,
    baustelle: chosen ?? "",
    karte: at ? `${at.zoom.toFixed(2)}/${at.lat.toFixed(5)}/${at.lon.toFixed(5)}` : "",
  };
  const given = Object.entries(values).filter(([, value]) => value);
  if (given.length === 0) return "";
  return `?${given.map(([name, value]) => `${name}=${encodeURIComponent(value).replace(/%2F/g, "/")}`).join("&")}`;
}

function camera(text: string): Camera | null {
  const [zoom, lat, lon] = text.split("/").map(Number);
  if (zoom === undefined || lat === undefined || lon === undefined) return null;
  return [zoom, lat, lon].every(Number.isFinite) && Math.abs(lat) <= 85 ? { zoom, lat, lon } : null;
}
