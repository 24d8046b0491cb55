/** What lies under the marks: coastlines, a grid of degrees, and the newsroom's own layers. */

import Feature from "ol/Feature";
import GeoJSON from "ol/format/GeoJSON";
import { MultiPolygon } from "ol/geom";
import Graticule from "ol/layer/Graticule";
import VectorLayer from "ol/layer/Vector";
import VectorSource from "ol/source/Vector";
import { Fill, Stroke, Style, Text } from "ol/style";

import type { Look } from "./marks";

const PARTS = 100;

/** Land, with its coastlines; they are the largest part of these pages, and come when the rest is there. */
export function landLayer(): VectorLayer {
  const source = new VectorSource();
  void import("virtual:land").then(({ default: coasts }) => {
    const polygons = coasts.map((rings) => rings.map(summed));
    source.addFeature(new Feature(new MultiPolygon(polygons).transform("EPSG:4326", "EPSG:3857")));
  });
  return new VectorLayer({ source, zIndex: 0 });
}

/** A ring of degrees, of the differences that it is kept as. */
function summed(differences: readonly number[]): number[][] {
  const ring: number[][] = [];
  let [x, y] = [0, 0];
  for (let place = 0; place + 1 < differences.length; place += 2) {
    x += differences[place] ?? 0;
    y += differences[place + 1] ?? 0;
    ring.push([x / PARTS, y / PARTS]);
  }
  return ring;
}

export function landStyle(look: Look): Style {
  return new Style({
    fill: new Fill({ color: look.of("var(--sunk)") }),
    stroke: new Stroke({ color: look.of("var(--edge)"), width: 0.8 }),
  });
}

/** A layer of the newsroom's own, in outline: whatever it says, it is not what is believed. */
export function ownLayer(path: string, attribution: string, look: Look): VectorLayer {
  const source = new VectorSource({ url: path, format: new GeoJSON(), attributions: attribution || undefined });
  const style = new Style({ stroke: new Stroke({ color: look.quiet, width: 1.2, lineDash: [7, 3, 1.5, 3] }) });
  return new VectorLayer({ source, style, zIndex: 2, className: "own" });
}

/** Lines of longitude and latitude, with their degrees at the edges: inland there is nothing else to go by. */
export function gridLayer(look: Look): Graticule {
  const label = () => new Text({ font: `11px ${look.font}`, fill: new Fill({ color: look.quiet }) });
  return new Graticule({
    strokeStyle: new Stroke({ color: look.of("var(--line)"), width: 1 }),
    showLabels: true,
    wrapX: false,
    targetSize: 160,
    lonLabelPosition: 0.01,
    latLabelPosition: 0.004,
    lonLabelStyle: new Text({ ...plain(label()), textBaseline: "bottom" }),
    latLabelStyle: new Text({ ...plain(label()), textAlign: "start", textBaseline: "bottom" }),
    lonLabelFormatter: (degrees) => told(degrees, "E", "W"),
    latLabelFormatter: (degrees) => told(degrees, "N", "S"),
    zIndex: 1,
  });
}

function plain(text: Text) {
  return { font: text.getFont() ?? "", fill: text.getFill() ?? undefined };
}

function told(degrees: number, over: string, under: string): string {
  const seconds = Math.round(Math.abs(degrees) * 3600);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60] as const;
  const side = seconds === 0 ? "" : degrees > 0 ? over : under;
  return `${parts[0]}°${parts[1] || parts[2] ? ` ${parts[1]}′` : ""}${parts[2] ? ` ${parts[2]}″` : ""} ${side}`.trim();
}
