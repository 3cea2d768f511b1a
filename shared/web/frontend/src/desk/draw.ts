/** Drawing on the map with Terra Draw: one line, area or point at a time, snapping to streets, undone point by point. */

import type { Map as Library } from "maplibre-gl";
import {
  TerraDraw, TerraDrawLineStringMode, TerraDrawModeUndoRedo, TerraDrawPointMode, TerraDrawPolygonMode,
  type HexColor, type SnapToCustom,
} from "terra-draw";
import { TerraDrawMapLibreGLAdapter } from "terra-draw-maplibre-gl-adapter";
import type { Position } from "../geometry";
import { palette } from "../map/palette";

export type Shape = "linestring" | "polygon" | "point";

export interface Pen {
  /** Begins a shape; null lays the pen down. */
  take(shape: Shape | null): void;
  /** Takes back the last point of the shape that is being drawn; false if there is none. */
  undo(): boolean;
  stop(): void;
}

const SNAP_PX = 14;
const CLOSING_PX = 12; // a click this close to the last point ends the shape
const DECIMALS = 7;
const STREETS = ["streets"];

/** `drawn` gets every finished shape. */
export function pen(map: Library, drawn: (place: GeoJSON.Geometry) => void, changed: () => void): Pen {
  const draw = create(map);
  const begin = (): void => {
    if (!draw.enabled) draw.start();
  };
  draw.on("finish", (id) => {
    const place = draw.getSnapshotFeature(id)?.geometry;
    draw.setMode("static");
    draw.clear();
    if (place) drawn(place as GeoJSON.Geometry);
  });
  draw.on("change", changed);
  const dressed = (): void => { // another colour scheme: the style and with it the pen's layers were replaced
    if (draw.enabled) draw.stop();
  };
  map.on("style.load", dressed);
  return {
    take: (shape) => {
      begin();
      draw.setMode(shape ?? "static");
      map.doubleClickZoom[shape ? "disable" : "enable"]();
    },
    undo: () => draw.enabled && draw.getModeState() === "drawing" && draw.undo(),
    stop: () => {
      map.off("style.load", dressed);
      if (draw.enabled) draw.stop();
    },
  };
}

function create(map: Library): TerraDraw {
  const colour = palette().mark.halo as HexColor;
  const snapping = { toCustom: toStreet(map) };
  const line = { lineStringColor: colour, lineStringWidth: 5, closingPointColor: colour, snappingPointColor: colour } as const;
  const area = { fillColor: colour, fillOpacity: 0.2, outlineColor: colour, outlineWidth: 4, closingPointColor: colour,
    snappingPointColor: colour } as const;
  return new TerraDraw({
    adapter: new TerraDrawMapLibreGLAdapter({ map, coordinatePrecision: DECIMALS }),
    modes: [
      new TerraDrawLineStringMode({ snapping, pointerDistance: CLOSING_PX, styles: line }),
      new TerraDrawPolygonMode({ pointerDistance: CLOSING_PX, styles: area }),
      new TerraDrawPointMode({ styles: { pointColor: colour, pointWidth: 7 } }),
    ],
    undoRedo: { modeLevel: new TerraDrawModeUndoRedo() },
  });
}

/** The nearest place on a street that is drawn under the pointer. */
function toStreet(map: Library): SnapToCustom {
  return ({ containerX: x, containerY: y }) => {
    const box: [[number, number], [number, number]] = [[x - SNAP_PX, y - SNAP_PX], [x + SNAP_PX, y + SNAP_PX]];
    if (!map.getLayer("streets")) return undefined;
    let best = { away: SNAP_PX, x, y };
    for (const { geometry } of map.queryRenderedFeatures(box, { layers: STREETS })) {
      const lines = geometry.type === "LineString" ? [geometry.coordinates]
        : geometry.type === "MultiLineString" ? geometry.coordinates : [];
      for (const line of lines) {
        const corners = line.map((at) => map.project(at as Position));
        for (const [index, to] of corners.slice(1).entries()) {
          const foot = footOn({ x, y }, corners[index] ?? to, to);
          if (foot.away < best.away) best = foot;
        }
      }
    }
    if (best.away >= SNAP_PX) return undefined;
    const { lng, lat } = map.unproject([best.x, best.y]);
    return [Number(lng.toFixed(DECIMALS)), Number(lat.toFixed(DECIMALS))];
  };
}

interface Spot {
  readonly x: number;
  readonly y: number;
}

function footOn(at: Spot, from: Spot, to: Spot): Spot & { away: number } {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const along = dx || dy ? Math.min(1, Math.max(0, ((at.x - from.x) * dx + (at.y - from.y) * dy) / (dx * dx + dy * dy))) : 0;
  const [x, y] = [from.x + along * dx, from.y + along * dy];
  return { x, y, away: Math.hypot(at.x - x, at.y - y) };
}
