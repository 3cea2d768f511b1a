/** The base map's file, if the city has one. */

import { addProtocol } from "maplibre-gl";
import { PMTiles, Protocol } from "pmtiles";
import type { Position } from "../geometry";

export interface Base {
  readonly url: string | null;
  readonly bounds: [Position, Position] | null;
  readonly attribution: string;
}

const NONE: Base = { url: null, bounds: null, attribution: "" };
let protocol: Protocol | null = null;

/** Without a readable file there is no base map: measures are drawn on plain ground. */
export async function base(path: string): Promise<Base> {
  const url = new URL(path, location.href).href;
  const file = new PMTiles(url);
  try {
    const [header, metadata] = await Promise.all([file.getHeader(), file.getMetadata() as Promise<{ attribution?: string }>]);
    if (!protocol) {
      protocol = new Protocol({ metadata: false });
      addProtocol("pmtiles", protocol.tile);
    }
    protocol.add(file);
    const bounds: [Position, Position] = [[header.minLon, header.minLat], [header.maxLon, header.maxLat]];
    return { url, bounds, attribution: metadata.attribution ?? "" };
  } catch (error) {
    console.warn("No base map", error);
    return NONE;
  }
}
