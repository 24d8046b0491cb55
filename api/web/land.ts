/**
 * Coastlines for the map, made of Natural Earth's land (npm: world-atlas) when the pages are built: `virtual:land` is a
 * list of polygons, each a list of rings, each a list of whole numbers: longitude and latitude of its first point in
 * hundredths of a degree, and of every further one the difference to the one before.
 */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import { geoEquirectangular } from "d3-geo";
import { geoProject } from "d3-geo-projection";
import type { Feature, FeatureCollection, MultiPolygon, Polygon, Position } from "geojson";
import { feature } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import type { Plugin } from "vite";

const NAME = "virtual:land";
const PARTS = 100;
const NOTICES = ".vite/license.md";
const its = createRequire(import.meta.url);

/** The plugin that knows `virtual:land`. */
export function land(): Plugin {
  return {
    name: "onrecord-land",
    enforce: "post",
    resolveId: (id) => (id === NAME ? `\0${NAME}` : null),
    load: (id) => (id === `\0${NAME}` ? `export default ${JSON.stringify(polygons())};` : null),
    // It is read, not imported, so that the list of notices does not have it by itself.
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const notices = bundle[NOTICES];
        if (notices?.type !== "asset") throw new Error(`nobody wrote ${NOTICES}, so that a notice would be lost`);
        notices.source = `${String(notices.source).trimEnd()}\n\n${notice()}`;
      },
    },
  };
}

/** What the coastlines are made of, as the other notices have it. */
function notice(): string {
  const about = its("world-atlas/package.json") as { name: string; version: string; license: string };
  const terms = readFileSync(join(dirname(its.resolve("world-atlas/package.json")), "LICENSE"), "utf8");
  return `## ${about.name} - ${about.version} (${about.license})\n\nCoastlines of Natural Earth, which are in the public domain.\n\n${terms}`;
}

function polygons(): number[][][] {
  const world = its("world-atlas/land-50m.json") as Topology<{ land: GeometryCollection }>;
  // Its rings are those of a sphere: they run over the antimeridian and around the poles. Drawn as they are, they put
  // bands across the Arctic, so they are cut to the plane first, one unit of which is then one degree.
  const plane = geoEquirectangular()
    .reflectY(true)
    .scale(180 / Math.PI)
    .translate([0, 0])
    .precision(0);
  const projected = geoProject(feature(world, world.objects.land), plane) as
    FeatureCollection<Polygon | MultiPolygon> | Feature<Polygon | MultiPolygon>;
  const features = "features" in projected ? projected.features : [projected];
  return features
    .flatMap(({ geometry }) => (geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates))
    .map((rings) => rings.map(differences));
}

function differences(ring: readonly Position[]): number[] {
  const told: number[] = [];
  let [x, y] = [0, 0];
  for (const [longitude = 0, latitude = 0] of ring) {
    const [nextX, nextY] = [Math.round(longitude * PARTS), Math.round(latitude * PARTS)];
    if (told.length && nextX === x && nextY === y) continue;
    told.push(nextX - x, nextY - y);
    [x, y] = [nextX, nextY];
  }
  return told;
}
