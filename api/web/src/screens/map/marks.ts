/**
 * The layer of marks. It draws on its own canvas what `glyphs.ts` says, thousands of marks in some milliseconds: a vector
 * layer with a style for each would take several times as long for every step of the slider.
 */

import Layer from "ol/layer/Layer";
import type { FrameState } from "ol/Map";
import { apply } from "ol/transform";

import type { Ink } from "$lib/colours";
import type { Course, Told } from "./courses";
import { strokes } from "./glyphs";
import { linesOf, spotOf, type Spot } from "./geometry";
import { draw, HALF, picture, ring, type Pen } from "./sprites";

/** A mark of one course: where, and the number of what is believed now among `outcomes`; -1 is nothing. */
export type Mark = {
  course: Course;
  spot: Spot;
  shape: ReturnType<typeof linesOf> | null;
  outcome: number;
  changed: boolean;
};
export type Look = {
  text: string;
  paper: string;
  quiet: string;
  accent: string;
  font: string;
  of: (css: string) => string;
};

const STEP = 19;
const RINGS: Record<string, { radius: number; dash: number[] }> = {
  vicinity: { radius: 15, dash: [3, 3] },
  region: { radius: 22, dash: [1, 4] },
};
const MOST_LABELS = 120;
/** Marks in sight above which they are drawn smaller, so that they do not hide each other. */
const CROWDS: readonly (readonly [many: number, size: number])[] = [
  [4_000, 0.5],
  [1_500, 0.6],
  [500, 0.75],
];
/** Pixels within which one mark lies right under another. */
const UNDER = 4;
/** How much is left of the marks of what did not change, where it is asked what did. */
const PALE = 0.35;

/** The marks of courses that can be placed. */
export function marksOf(courses: readonly Course[]): Mark[] {
  return courses.flatMap((course) => {
    const spot = course.precision === "unspecified" ? null : spotOf(course.shape);
    if (!spot || !course.shape) return [];
    const shape = course.shape.type.endsWith("Point") ? null : linesOf(course.shape);
    return [{ course, spot, shape, outcome: -1, changed: false }];
  });
}

export class MarkLayer extends Layer {
  readonly #canvas = document.createElement("canvas");
  #marks: readonly Mark[] = [];
  #outcomes: readonly Told[] = [];
  #inks: ReadonlyMap<string, Ink> = new Map();
  #look: Look;
  #sprites = new Map<number | string, ImageBitmap>();
  readonly #widths = new Map<string, number>();
  #chosen: string | null = null;
  #pointed: Mark | null = null;
  #places: { mark: Mark; x: number; y: number }[] = [];
  #ratio = 1;
  #size = 1;

  constructor(look: Look) {
    super({});
    this.#look = look;
    this.#canvas.style.position = "absolute";
  }

  override getSourceState() {
    return "ready" as const;
  }

  /** Draw these from now on. */
  show(marks: readonly Mark[], outcomes: readonly Told[], inks: ReadonlyMap<string, Ink>): void {
    this.#marks = marks;
    this.#outcomes = outcomes;
    this.#inks = inks;
    this.#pointed = null;
    this.#sprites.clear();
    this.changed();
  }

  /** Draw them in these colours. */
  dress(look: Look): void {
    this.#look = look;
    this.#sprites.clear();
    this.changed();
  }

  choose(slug: string | null): void {
    this.#chosen = slug;
    this.changed();
  }

  point(mark: Mark | null): void {
    if (this.#pointed === mark) return;
    this.#pointed = mark;
    this.changed();
  }

  /** The mark at a pixel of the map, or the nearest within a finger's breadth. */
  at([x, y]: readonly [number, number], within = 14): Mark | null {
    let [nearest, best]: [Mark | null, number] = [null, within * within];
    for (const place of this.#places) {
      const distance = (place.x - x) ** 2 + (place.y - y) ** 2;
      if (distance < best) [nearest, best] = [place.mark, distance];
    }
    return nearest;
  }

  /** The slugs of the places that are in sight. */
  inSight(): Set<string> {
    return new Set(this.#places.map(({ mark }) => mark.course.slug));
  }

  override render(frame: FrameState): HTMLElement {
    const [width = 0, height = 0] = frame.size;
    const canvas = this.#canvas;
    if (this.#ratio !== frame.pixelRatio) this.#sprites.clear();
    this.#ratio = frame.pixelRatio;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    canvas.width = Math.round(width * this.#ratio);
    canvas.height = Math.round(height * this.#ratio);
    const context = canvas.getContext("2d");
    if (!context) return canvas;
    context.scale(this.#ratio, this.#ratio);
    this.#place(frame, width, height);
    for (const { mark, x, y } of this.#seen()) this.#surroundings(context, frame, mark, x, y);
    const changes = this.#places.some(({ mark }) => mark.changed);
    context.globalAlpha = changes ? PALE : 1;
    for (const { mark, x, y } of this.#seen()) if (!mark.changed) this.#stamp(context, mark, x, y);
    context.globalAlpha = 1;
    for (const { mark, x, y } of this.#places) {
      if (!mark.changed) continue;
      this.#stamp(context, mark, x, y);
      this.#put(
        context,
        this.#sprite("changed", (on) => ring(on, 12.5, this.#look.accent, 2.2)),
        x,
        y,
      );
    }
    this.#label(context, width, height);
    return canvas;
  }

  /** In a crowd, those that do not lie right under another: what nobody could see need not be drawn. */
  #seen(): readonly { mark: Mark; x: number; y: number }[] {
    if (this.#size === 1) return this.#places;
    const top = new Map<number, { mark: Mark; x: number; y: number }>();
    for (const place of this.#places) {
      const cell = Math.round(place.x / UNDER) * 65_536 + Math.round(place.y / UNDER);
      if (!this.#matters(top.get(cell)?.mark)) top.set(cell, place);
    }
    return [...top.values()];
  }

  #matters(mark: Mark | undefined): boolean {
    return mark !== undefined && (mark.changed || mark.course.slug === this.#chosen || mark === this.#pointed);
  }

  #stamp(context: CanvasRenderingContext2D, mark: Mark, x: number, y: number): void {
    const told = this.#outcomes[mark.outcome];
    if (!told) return;
    const drawn = this.#sprite(mark.outcome, (on) => {
      for (const stroke of strokes(told, this.#inks)) draw(on, stroke, this.#look);
    });
    this.#put(context, drawn, x, y);
  }

  /** Put a picture in its place, pixel on pixel: one that has to be scaled takes many times as long. */
  #put(context: CanvasRenderingContext2D, sprite: ImageBitmap, x: number, y: number): void {
    const [half, ratio] = [sprite.width / 2, this.#ratio];
    context.drawImage(
      sprite,
      Math.round(x * ratio - half) / ratio,
      Math.round(y * ratio - half) / ratio,
      sprite.width / ratio,
      sprite.height / ratio,
    );
  }

  #place(frame: FrameState, width: number, height: number): void {
    const places: { mark: Mark; x: number; y: number }[] = [];
    const pixel: [number, number] = [0, 0];
    for (const mark of this.#marks) {
      if (mark.outcome < 0 && !mark.changed && mark.course.slug !== this.#chosen) continue;
      pixel[0] = mark.spot[0];
      pixel[1] = mark.spot[1];
      apply(frame.coordinateToPixelTransform, pixel);
      const x = pixel[0] + mark.course.beside * STEP;
      if (x < -HALF || x > width + HALF || pixel[1] < -HALF || pixel[1] > height + HALF) continue;
      places.push({ mark, x, y: pixel[1] });
    }
    this.#places = places;
    const size = CROWDS.find(([many]) => places.length > many)?.[1] ?? 1;
    if (size !== this.#size) this.#sprites.clear();
    this.#size = size;
  }

  /** How precisely the place is known, and its shape. */
  #surroundings(context: CanvasRenderingContext2D, frame: FrameState, mark: Mark, x: number, y: number): void {
    if (mark.shape) this.#outline(context, frame, mark.shape);
    const { precision, beside, slug } = mark.course;
    const broken = beside === 0 && !mark.shape?.closed ? RINGS[precision] : undefined;
    if (broken) {
      const sprite = this.#sprite(precision, (on) => ring(on, broken.radius, this.#look.quiet, 1.2, broken.dash));
      this.#put(context, sprite, x, y);
    }
    if (slug === this.#chosen)
      this.#put(
        context,
        this.#sprite("chosen", (on) => ring(on, 16, this.#look.text, 2)),
        x,
        y,
      );
    else if (mark === this.#pointed)
      this.#put(
        context,
        this.#sprite("pointed", (on) => ring(on, 16, this.#look.quiet, 1.5)),
        x,
        y,
      );
  }

  #outline(context: CanvasRenderingContext2D, frame: FrameState, { lines, closed }: NonNullable<Mark["shape"]>): void {
    context.beginPath();
    for (const line of lines) {
      for (const [number, spot] of line.entries()) {
        const [x = 0, y = 0] = apply(frame.coordinateToPixelTransform, [...spot]);
        if (number) context.lineTo(x, y);
        else context.moveTo(x, y);
      }
      if (closed) context.closePath();
    }
    context.lineWidth = 1.2;
    context.strokeStyle = this.#look.quiet;
    context.stroke();
  }

  /** A picture that is made once for as long as nothing changes what it looks like. */
  #sprite(name: number | string, paint: (pen: Pen) => void): ImageBitmap {
    let sprite = this.#sprites.get(name);
    if (!sprite) {
      const scale = this.#ratio * this.#size;
      sprite = picture(Math.ceil(HALF * 2 * scale * (typeof name === "string" ? 1.5 : 1)), scale, paint);
      this.#sprites.set(name, sprite);
    }
    return sprite;
  }

  /** Names where there is room for them: what is chosen or pointed at first, then what changed. */
  #label(context: CanvasRenderingContext2D, width: number, height: number): void {
    const look = this.#look;
    context.font = `13px ${look.font}`;
    context.textBaseline = "middle";
    context.lineJoin = "round";
    const taken = new Uint8Array(Math.ceil(width / 8) * Math.ceil(height / 8));
    const columns = Math.ceil(width / 8);
    const rows = Math.ceil(height / 8);
    const claim = (left: number, top: number, right: number, bottom: number, force: boolean): boolean => {
      const [first, last] = [Math.max(0, Math.floor(left / 8)), Math.min(columns - 1, Math.floor(right / 8))];
      const [high, low] = [Math.max(0, Math.floor(top / 8)), Math.min(rows - 1, Math.floor(bottom / 8))];
      if (!force && right > width) return false;
      for (let row = high; row <= low && !force; row++)
        for (let column = first; column <= last; column++) if (taken[row * columns + column]) return false;
      for (let row = high; row <= low; row++) taken.fill(1, row * columns + first, row * columns + last + 1);
      return true;
    };
    for (const { x, y } of this.#places) claim(x - 7, y - 7, x + 7, y + 7, true);
    let labels = 0;
    for (const { mark, x, y } of [...this.#places].sort(
      (one, other) => this.#rank(one.mark) - this.#rank(other.mark),
    )) {
      if (labels >= MOST_LABELS) break;
      if (mark.course.beside) continue;
      const wide = this.#wide(context, mark.course.name);
      const rank = this.#rank(mark);
      const left = x + wide + 18 > width && rank === 0 ? x - wide - 16 : x + 16;
      if (!claim(left, y - 8, left + wide, y + 8, rank === 0)) continue;
      labels += 1;
      context.lineWidth = 3.5;
      context.strokeStyle = look.paper;
      context.strokeText(mark.course.name, left, y);
      context.fillStyle = look.text;
      context.fillText(mark.course.name, left, y);
    }
  }

  #wide(context: CanvasRenderingContext2D, name: string): number {
    const known = this.#widths.get(name) ?? context.measureText(name).width;
    this.#widths.set(name, known);
    return known;
  }

  #rank(mark: Mark): number {
    if (mark.course.slug === this.#chosen || mark === this.#pointed) return 0;
    return mark.changed ? 1 : 2;
  }
}
