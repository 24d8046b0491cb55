/** A stroke of a mark on a canvas whose middle is the mark's. */

import type { Stroke } from "./glyphs";
import type { Look } from "./marks";

/** Half the width of the square that a mark is drawn in. */
export const HALF = 16;

/** What is drawn with. */
export type Pen = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** A picture of what is painted around its middle, `size` pixels wide, of which `scale` are one of the page. */
export function picture(size: number, scale: number, paint: (pen: Pen) => void): ImageBitmap {
  const canvas = new OffscreenCanvas(size, size);
  const pen = canvas.getContext("2d");
  pen?.translate(size / 2, size / 2);
  pen?.scale(scale, scale);
  if (pen) paint(pen);
  // A bitmap and not the canvas: of a canvas every drawing takes a copy first.
  return canvas.transferToImageBitmap();
}

/** Draw one stroke. */
export function draw(context: Pen, stroke: Stroke, look: Look): void {
  context.save();
  if (stroke.half) {
    context.beginPath();
    context.rect(stroke.half === "left" ? -HALF : 0.9, -HALF, HALF - 0.9, HALF * 2);
    context.clip();
  }
  context.scale(stroke.scale, stroke.scale);
  const path = new Path2D(stroke.d);
  const colour = look.of(stroke.colour);
  // A paper edge keeps neighbours apart, and an outline readable on land.
  context.lineJoin = "round";
  context.strokeStyle = look.paper;
  context.lineWidth = stroke.width + 2.4;
  context.stroke(path);
  if (stroke.solid) {
    context.fillStyle = colour;
    context.fill(path);
  }
  context.setLineDash([...(stroke.dash ?? [])]);
  context.lineWidth = stroke.width;
  context.strokeStyle = colour;
  context.stroke(path);
  context.restore();
}

/** Draw a ring around the middle. */
export function ring(context: Pen, radius: number, colour: string, width: number, dash: readonly number[] = []): void {
  context.beginPath();
  context.arc(0, 0, radius, 0, Math.PI * 2);
  context.setLineDash([...dash]);
  context.lineWidth = width;
  context.strokeStyle = colour;
  context.stroke();
  context.setLineDash([]);
}
