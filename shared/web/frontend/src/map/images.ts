/** Pictures for the map, painted from the page's own forms and icons: pins per effect and provenance, hatching. */

import type { Group } from "../effect";
import type { Look } from "../feature";
import type { Palette } from "./palette";

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

/** Pixels of the picture per pixel of the page. */
export const SHARPNESS = 3;
const PIN = { width: 34, height: 40, centre: 17, radius: 13 };
const ICON_SCALE = 0.75;
const HATCH = 8;
/** The outline of a pin speaks as the line does. */
const DASHES: Readonly<Record<Look, number[]>> = {
  ordered: [4, 2.6],
  measured: [],
  silent: [7, 2.5],
  not_set_up: [1.6, 2.2],
};

/** `pin|group|kind|look|late` */
export function pin(name: string, colours: Palette): Picture {
  const [, group, kind, look, late] = name.split("|") as [string, Group, string, Look, string];
  const { [group]: colour, casing } = colours.mark;
  const hollow = look === "ordered" || look === "not_set_up";
  return paint(PIN.width, PIN.height, (context) => {
    const shape = body(group);
    context.lineJoin = "round";
    if (late) outline(context, shape, colours.mark.late, 8);
    outline(context, shape, casing, 4.6);
    context.fillStyle = colour;
    context.fill(tail());
    context.fillStyle = hollow ? casing : colour;
    context.fill(shape);
    context.setLineDash(DASHES[look]);
    context.strokeStyle = colour;
    context.lineWidth = 2.2;
    context.stroke(shape);
    if (look === "silent") veil(context, shape, casing);
    icon(context, kind, hollow ? colour : colours.mark["on-mark"]);
  });
}

/** `hatch|group` */
export function hatch(name: string, colours: Palette): Picture {
  const colour = colours.mark[name.split("|")[1] as Group];
  return paint(HATCH, HATCH, (context) => {
    context.strokeStyle = colour;
    context.lineWidth = 2;
    for (const shift of [-HATCH, 0, HATCH]) {
      context.moveTo(shift - 1, HATCH + 1);
      context.lineTo(shift + HATCH + 1, -1);
    }
    context.stroke();
  });
}

function paint(width: number, height: number, draw: (context: CanvasRenderingContext2D) => void): Picture {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width * SHARPNESS, height * SHARPNESS];
  const context = canvas.getContext("2d");
  if (!context) throw new Error("The browser paints no pictures");
  context.scale(SHARPNESS, SHARPNESS);
  draw(context);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

/** Throws where the page forgot to include `map_icons.html`: a pin without its head says nothing. */
function body(group: Group): Path2D {
  const shape = strokes(`#form-${group}`)[0];
  if (!shape) throw new Error(`The page has no form for ${group}`);
  return shape;
}

/** The paths of a symbol in the page. */
function strokes(symbol: string): Path2D[] {
  return [...document.querySelectorAll(`${symbol} path`)].map((path) => new Path2D(path.getAttribute("d") ?? ""));
}

function tail(): Path2D {
  const path = new Path2D();
  const top = PIN.centre + PIN.radius;
  path.moveTo(PIN.centre - 4, top);
  path.lineTo(PIN.centre, PIN.height - 2);
  path.lineTo(PIN.centre + 4, top);
  path.closePath();
  return path;
}

function outline(context: CanvasRenderingContext2D, shape: Path2D, colour: string, width: number): void {
  context.strokeStyle = context.fillStyle = colour;
  context.lineWidth = width;
  for (const path of [shape, tail()]) {
    context.stroke(path);
    context.fill(path);
  }
}

/** Lights fell silent: what they told stays, behind a veil of fine lines. */
function veil(context: CanvasRenderingContext2D, shape: Path2D, colour: string): void {
  context.save();
  context.clip(shape);
  context.globalAlpha = 0.35;
  context.strokeStyle = colour;
  context.lineWidth = 1.6;
  context.setLineDash([]);
  context.beginPath();
  for (let x = -30; x < 60; x += 5) {
    context.moveTo(x, 34);
    context.lineTo(x + 34, 0);
  }
  context.stroke();
  context.restore();
}

function icon(context: CanvasRenderingContext2D, kind: string, colour: string): void {
  context.save();
  context.translate(PIN.centre - 12 * ICON_SCALE, PIN.centre - 12 * ICON_SCALE);
  context.scale(ICON_SCALE, ICON_SCALE);
  context.strokeStyle = colour;
  context.lineWidth = 2.6;
  context.lineCap = "round";
  context.lineJoin = "round";
  for (const path of strokes(`#icon-${CSS.escape(kind)}`)) context.stroke(path);
  context.restore();
}
