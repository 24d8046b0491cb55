/** The axis of the chart: what it spans, its ticks, and where in the picture something lies. */

import { short } from "$lib/times";
import type { Axis, Word } from "./asking";
import type { Stretch } from "./course";

export type Tick = { at: number; told: string; chief: boolean };
export type Scale = {
  low: number;
  high: number;
  /** From milliseconds or positions to the numbers that the axis is laid out in. */
  of: (value: number) => number;
  /** The other way round. */
  back: (at: number) => number;
  ticks: (most: number) => Tick[];
  /** How the axis is laid out, in words. */
  told: string;
};

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NEARER = 4;
/** How often one can go nearer. */
export const DEEPEST = 6;

/** The axis of the time spoken of. `zoom` shows a quarter of the whole for each step, around where the reader stands. */
export function validScale(
  course: readonly Stretch[],
  words: readonly Word[],
  place: number | null,
  zoom: number,
): Scale {
  const starts = words.flatMap((word) => (word.from === null ? [] : [Date.parse(word.from)]));
  const ends = words.flatMap((word) => (word.to === null ? [] : [Date.parse(word.to)]));
  const turns = course.flatMap((one) => (one.from === null ? [] : [one.from]));
  const [low, high] = spanned([...starts, ...ends, ...turns, ...(place === null ? [] : [place])], DAY);
  const [from, to] = nearer(low, high, place, zoom);
  return { low: from, high: to, of: same, back: same, ticks: (most) => timeTicks(from, to, most), told: "in UTC" };
}

/**
 * The axis of the ledger. What was recorded over days is laid out by the clock; what came in at one go, as an import
 * does, by its order, since by the clock it would all be one line.
 */
export function recordedScale(
  course: readonly Stretch[],
  words: readonly Word[],
  place: number | null,
  zoom: number,
): Scale {
  const when = new Map<number, number>();
  for (const word of words) {
    when.set(word.position, Date.parse(word.recorded));
    const ended = word.ended as { position: number; recorded: string } | null;
    if (ended) when.set(ended.position, Date.parse(ended.recorded));
  }
  for (const one of course) if (one.from !== null && one.recorded) when.set(one.from, Date.parse(one.recorded));
  const positions = [...when.keys()].sort((one, other) => one - other);
  const clock = positions.map((position) => when.get(position) ?? 0);
  const distinct = new Set(clock.map((moment) => Math.floor(moment / MINUTE))).size;
  const byClock = distinct > 2 && distinct * 3 > positions.length && spread(clock) > HOUR;
  const values = byClock ? clock : positions.map((_, order) => order);
  const [low, high] = spanned(values, byClock ? HOUR : 1);
  const of = (position: number) => interpolated(positions, values, position);
  const [from, to] = nearer(low, high, place === null ? null : of(place), zoom);
  const back = (at: number) => positions.findLast((_, order) => (values[order] ?? 0) <= at) ?? (positions[0] ?? 1) - 1;
  return {
    low: from,
    high: to,
    of,
    back,
    ticks: (most) => (byClock ? timeTicks(from, to, most) : orderTicks(positions, from, to, most)),
    told: byClock ? "in UTC" : "in the order of the ledger, by position: it was recorded at one go",
  };
}

/** The value of `valid_at` or `as_of` for a place on the axis. */
export function askedAt(axis: Axis, scale: Scale, at: number, tz: string | undefined): string {
  if (axis === "recorded") return String(Math.max(0, scale.back(at)));
  if (tz !== undefined || scale.high - scale.low < 4 * DAY) {
    return new Date(Math.round(at / MINUTE) * MINUTE).toISOString().replace(".000Z", "Z");
  }
  // A date asks of the end of its day, so that is where the line then stands.
  return new Date((Math.round(at / DAY) - 1) * DAY).toISOString().slice(0, 10);
}

/** A value of the axis, for who reads. */
export function toldAt(axis: Axis, value: number): string {
  if (axis === "recorded") return `position ${Math.round(value).toLocaleString("en")}`;
  const rest = ((value % DAY) + DAY) % DAY;
  if (rest === DAY - 0.5) return new Date(value).toISOString().slice(0, 10);
  return short(new Date(value).toISOString());
}

const same = (value: number) => value;

function spread(values: readonly number[]): number {
  return values.length ? (values.at(-1) ?? 0) - (values[0] ?? 0) : 0;
}

function spanned(values: readonly number[], least: number): [number, number] {
  if (!values.length) return [0, least];
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  const room = Math.max((high - low) * 0.06, least);
  return [low - room, high + room];
}

function nearer(low: number, high: number, place: number | null, zoom: number): [number, number] {
  if (zoom <= 0) return [low, high];
  const half = (high - low) / NEARER ** zoom / 2;
  const middle = Math.min(Math.max(place ?? high, low + half), high - half);
  return [middle - half, middle + half];
}

function interpolated(positions: readonly number[], values: readonly number[], position: number): number {
  const next = positions.findIndex((one) => one >= position);
  if (next < 0) return (values.at(-1) ?? 0) + (position > (positions.at(-1) ?? 0) ? spread(values) * 0.03 || 0.5 : 0);
  const [here, before] = [positions[next] ?? 0, positions[next - 1]];
  const at = values[next] ?? 0;
  if (here === position || before === undefined) return here === position ? at : at - 0.5;
  const last = values[next - 1] ?? at;
  return last + ((at - last) * (position - before)) / (here - before);
}

function orderTicks(positions: readonly number[], low: number, high: number, most: number): Tick[] {
  const step = Math.max(1, Math.ceil((high - low) / most));
  return positions.flatMap((position, order) =>
    order % step || order < low || order > high
      ? []
      : [{ at: order, told: position.toLocaleString("en"), chief: false }],
  );
}

const STEPS: readonly number[] = [
  ...[1, 5, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 7, 14].map((days) => days * DAY),
];
const MONTHS: readonly number[] = [1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200];

function timeTicks(low: number, high: number, most: number): Tick[] {
  const span = high - low;
  const step = STEPS.find((one) => span / one <= most);
  if (step !== undefined) return evenly(low, high, step);
  const months = MONTHS.find((one) => span / (one * 30.44 * DAY) <= most) ?? 2400;
  const first = new Date(low);
  const ticks: Tick[] = [];
  let count = Math.ceil((first.getUTCFullYear() * 12 + first.getUTCMonth()) / months) * months;
  for (; ticks.length < 100; count += months) {
    const at = Date.UTC(Math.floor(count / 12), count % 12, 1);
    if (at > high) break;
    const date = new Date(at);
    const year = date.getUTCMonth() === 0;
    const told = date.toLocaleDateString("en-GB", {
      timeZone: "UTC",
      ...(months < 12 ? { month: "short" } : {}),
      year: "numeric",
    });
    if (at >= low) ticks.push({ at, told, chief: year });
  }
  return ticks;
}

function evenly(low: number, high: number, step: number): Tick[] {
  const ticks: Tick[] = [];
  for (let at = Math.ceil(low / step) * step; at <= high; at += step) {
    const midnight = at % DAY === 0;
    const date = new Date(at);
    const day = date.toLocaleDateString("en-GB", {
      timeZone: "UTC",
      day: "numeric",
      month: "short",
      ...(ticks.length === 0 || date.getUTCMonth() + date.getUTCDate() === 1 ? { year: "numeric" } : {}),
    });
    const hour = date.toISOString().slice(11, 16);
    ticks.push({
      at,
      told: midnight ? day : ticks.length === 0 ? `${day}, ${hour}` : hour,
      chief: midnight && step < DAY,
    });
  }
  return ticks;
}
