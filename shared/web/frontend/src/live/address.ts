/** The URL's hash holds the view: camera, chosen measure and filter; whoever gets the link sees the same. */

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

const TIMES: Readonly<Record<string, Filter["time"]>> = { jetzt: "now", woche: "week", zeitraum: "range" };
const DAY = /^\d{4}-\d\d-\d\d$/;

export function read(hash: string): View {
  const values = new URLSearchParams(hash.replace(/^#/, ""));
  const day = (name: string): string => (DAY.test(values.get(name) ?? "") ? (values.get(name) ?? "") : "");
  return {
    camera: camera(values.get("karte") ?? ""),
    chosen: values.get("baustelle"),
    filter: {
      time: TIMES[values.get("zeit") ?? ""] ?? NO_FILTER.time,
      from: day("von"),
      to: day("bis"),
      group: GROUPS.find((group) => group === values.get("wirkung")) ?? "",
      traveller: (values.get("verkehr") ?? "") as Filter["traveller"],
      search: values.get("strasse") ?? "",
    },
  };
}

export function write(view: View): string {
  const { camera: at, chosen, filter } = view;
  const time = Object.entries(TIMES).find(([, value]) => value === filter.time)?.[0] ?? "";
  const values = {
    karte: at ? `${at.zoom.toFixed(2)}/${at.lat.toFixed(5)}/${at.lon.toFixed(5)}` : "",
    baustelle: chosen ?? "",
    zeit: filter.time === NO_FILTER.time ? "" : time,
    von: filter.from,
    bis: filter.to,
    wirkung: filter.group,
    verkehr: filter.traveller,
    strasse: filter.search,
  };
  const given = Object.entries(values).filter(([, value]) => value);
  return `#${given.map(([name, value]) => `${name}=${encodeURIComponent(value).replace(/%2F/g, "/")}`).join("&")}`;
}

function camera(text: string): Camera | null {
  const [zoom, lat, lon] = text.split("/").map(Number);
  if (zoom === undefined || lat === undefined || lon === undefined) return null;
  return [zoom, lat, lon].every(Number.isFinite) && Math.abs(lat) <= 85 ? { zoom, lat, lon } : null;
}
