/** The base map's file, if the city has one. */

import { addProtocol } from "maplibre-gl";
import { PMTiles, Protocol } from "pmtiles";
import type { Position } from "../geometry";

export interface Base {
  readonly url: string | null;
  readonly bounds: [Position, Position] | null;
  readonly attribution: Promise<string>;
}

const NONE: Base = { url: null, bounds: null, attribution: Promise.resolve("") };
let protocol: Protocol | null = null;

/** Without a readable file there is no base map: measures are drawn on plain ground. */
export async function base(path: string): Promise<Base> {
  const url = new URL(path, location.href).href;
  const file = new PMTiles(url);
  try {
    const header = await file.getHeader();
    if (!protocol) {
      protocol = new Protocol({ metadata: false });
      addProtocol("pmtiles", protocol.tile);
    }
    protocol.add(file);
    const bounds: [Position, Position] = [[header.minLon, header.minLat], [header.maxLon, header.maxLat]];
    return { url, bounds, attribution: attributionOf(file) };
  } catch (error) {
    console.warn("No base map", error);
    return NONE;
  }
}

async function attributionOf(file: PMTiles): Promise<string> {
  try {
    return ((await file.getMetadata()) as { attribution?: string }).attribution ?? "";
  } catch (error) {
    console.warn("The base map does not say whose it is", error);
    return "";
  }
}
