/** Where things lie in the chart, in pixels. */

import type { Mark } from "./lanes";
import type { Scale } from "./scale";

export type Plot = {
  width: number;
  height: number;
  /** Room for names at the left; none where they stand above their lanes. */
  gutter: number;
  /** The width of the axis itself. */
  wide: number;
  narrow: boolean;
  tall: number;
  scale: Scale;
  x: (at: number) => number;
  /** The same, but never outside of the picture. */
  within: (at: number) => number;
  y: (lane: number) => number;
};

/** Above the first lane stand the axis and the band. */
export const TOP = 66;
const NARROW = 620;
const REACH = 12;

export function plotOf(width: number, lanes: number, scale: Scale): Plot {
  const narrow = width < NARROW;
  const gutter = narrow ? 0 : 200;
  const tall = narrow ? 40 : 30;
  const wide = Math.max(120, width - gutter - 8);
  const x = (at: number) => ((at - scale.low) / (scale.high - scale.low)) * wide;
  return {
    width,
    height: TOP + lanes * tall + 8,
    gutter,
    wide,
    narrow,
    tall,
    scale,
    x,
    within: (at) => Math.min(Math.max(x(at), 0), wide),
    y: (lane) => TOP + lane * tall + (narrow ? tall - 14 : tall / 2),
  };
}

/** The mark at a point of the picture, and its lane; null if there is none near. */
export function markAt(
  plot: Plot,
  marked: readonly Mark[][],
  x: number,
  y: number,
): { mark: Mark; lane: number } | null {
  const lane = Math.floor((y - TOP) / plot.tall);
  let best: Mark | null = null;
  let least = REACH;
  for (const mark of marked[lane] ?? []) {
    const apart = Math.abs(plot.x(mark.at) - x) + Math.abs(plot.y(lane) + mark.aside - y) / 2;
    if (apart < least) [best, least] = [mark, apart];
  }
  return best && { mark: best, lane };
}
