/** Where a place is drawn: its mark at one point, its shape, if it has one, around it. */

import { transform } from "ol/proj";

import type { Shape } from "./courses";

export type Spot = readonly [number, number];

const KINDS = ["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"];

/** The lines of a GeoJSON geometry on the map, each a list of spots; none for points. */
export function linesOf(shape: Shape): { lines: readonly (readonly Spot[])[]; closed: boolean } {
  const closed = shape.type.endsWith("Polygon");
  const found: Spot[][] = [];
  const gather = (part: unknown): void => {
    if (!Array.isArray(part)) return;
    if (Array.isArray(part[0]) && typeof part[0][0] === "number") found.push((part as number[][]).map(spot));
    else for (const inner of part) gather(inner);
  };
  if (!shape.type.endsWith("Point")) gather(shape.coordinates);
  return { lines: found, closed };
}

/** Where the mark stands: the point, or the middle of the box around the shape; null for what cannot be drawn. */
export function spotOf(shape: Shape | null): Spot | null {
  if (!shape || !KINDS.includes(shape.type)) return null;
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  const gather = (part: unknown): void => {
    if (!Array.isArray(part)) return;
    const [x, y] = part as unknown[];
    if (typeof x === "number" && typeof y === "number") {
      [west, south, east, north] = [Math.min(west, x), Math.min(south, y), Math.max(east, x), Math.max(north, y)];
    } else for (const inner of part) gather(inner);
  };
  gather(shape.coordinates);
  return Number.isFinite(west) ? spot([(west + east) / 2, (south + north) / 2]) : null;
}

function spot(position: readonly number[]): Spot {
  const [x = 0, y = 0] = transform([position[0] ?? 0, position[1] ?? 0], "EPSG:4326", "EPSG:3857");
  return [x, y];
}
