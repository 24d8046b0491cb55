/** Coastlines, see land.ts. */
declare module "virtual:land" {
  const polygons: readonly (readonly (readonly number[])[])[];
  export default polygons;
}

/** It brings no types along; this is all that is used of it. */
declare module "d3-geo-projection" {
  import type { GeoProjection } from "d3-geo";
  import type { GeoJSON } from "geojson";
  export function geoProject(thing: GeoJSON, projection: GeoProjection): GeoJSON;
}
