/**
 * How belief went at many places, as `GET /v1/beliefs/history` tells it in columns, made ready to be looked at moment by
 * moment. A moment is told by the number of the last change that lies at or before it: -1 is before all changes.
 */

import type { Schemas } from "$lib/api";
import { instant } from "$lib/times";
import type { Outcome } from "$lib/words";

export type Axis = "valid" | "recorded";
export type Told = Outcome & { rule: string };
export type Precision = "exact" | "vicinity" | "locality" | "region" | "unspecified";
export type Shape = { type: string; coordinates: unknown };
export type Leg = { from: number; to: number; outcome: number };

/** One question at one place, and what was believed of it: legs in order, with nothing reported in between. */
export type Course = {
  slug: string;
  name: string;
  subject: string | null;
  precision: Precision;
  shape: Shape | null;
  legs: readonly Leg[];
  /** The position behind which alone the legs tell everything; null if they do anyway. */
  toldFrom: number | null;
  /** How many courses of the same place come before this one. */
  beside: number;
  /** Its place in the list of all courses. */
  number: number;
};

export type Courses = {
  axis: Axis;
  aspect: string;
  position: number;
  validAt: string | null;
  outcomes: readonly Told[];
  courses: readonly Course[];
  /** When each change lies: instants of valid time, or of recording. */
  at: readonly string[];
  /** Along the ledger: the position of each change. */
  positions: readonly number[];
  /** Whether there are more places than were told. */
  isPart: boolean;
};

/** What is believed where nothing was reported. */
export const UNREPORTED: Told = { agreement: "unreported", strength: null, value: null, rule: "R1" };
const NEVER = Number.MAX_SAFE_INTEGER;

/** The columns as courses. */
export function read(body: Schemas["BeliefHistories"], isPart: boolean): Courses {
  const { places, questions, intervals, moments } = body;
  const legs: Leg[][] = (questions["place"] ?? []).map(() => []);
  const [from, to, outcome] = [intervals["from"] ?? [], intervals["to"] ?? [], intervals["outcome"] ?? []];
  for (const [number, of] of (intervals["question"] ?? []).entries()) {
    legs[of ?? 0]?.push({ from: from[number] ?? -1, to: to[number] ?? NEVER, outcome: outcome[number] ?? 0 });
  }
  const seen = new Map<number, number>();
  const courses = legs.map((those, number): Course => {
    const place = questions["place"]?.[number] as number;
    const beside = seen.get(place) ?? 0;
    seen.set(place, beside + 1);
    return {
      slug: places["slug"]?.[place] as string,
      name: places["name"]?.[place] as string,
      subject: (questions["subject"]?.[number] as string | null) ?? null,
      precision: places["precision"]?.[place] as Precision,
      shape: (places["geometry"]?.[place] as Shape | null) ?? null,
      legs: those,
      toldFrom: (questions["told_from"]?.[number] as number | null) ?? null,
      beside,
      number,
    };
  });
  return {
    axis: body.axis,
    aspect: body.aspect,
    position: body.position,
    validAt: body.valid_at ?? null,
    outcomes: body.outcomes as unknown as readonly Told[],
    courses,
    at: (moments["at"] ?? []) as string[],
    positions: (moments["position"] ?? []) as number[],
    isPart,
  };
}

/** The leg of a course at a moment; undefined where nothing was reported. */
export function legAt(course: Course, moment: number): Leg | undefined {
  return course.legs.find((leg) => leg.from <= moment && moment < leg.to);
}

/** What is believed at a moment of every course, by its number: a number in `outcomes`, -1 where nothing was reported. */
export function allAt(told: Courses, moment: number): Int32Array {
  const found = new Int32Array(told.courses.length).fill(-1);
  for (const course of told.courses) {
    for (const leg of course.legs) {
      if (leg.from > moment) break;
      if (moment < leg.to) found[course.number] = leg.outcome;
    }
  }
  return found;
}

/** What is believed at a moment. */
export function outcomeAt(told: Courses, course: Course, moment: number): Told {
  const leg = legAt(course, moment);
  return (leg && told.outcomes[leg.outcome]) ?? UNREPORTED;
}

/** The courses that end elsewhere than they were between two moments: what is believed is not what was. */
export function changedBetween(told: Courses, one: number, other: number): readonly Course[] {
  const said = told.outcomes.map(({ rule: _, ...outcome }) => JSON.stringify(outcome));
  const nothing = JSON.stringify({ agreement: "unreported" });
  const [then, now] = [allAt(told, one), allAt(told, other)];
  const key = (found: Int32Array, course: Course) => said[found[course.number] ?? -1] ?? nothing;
  return told.courses.filter((course) => key(then, course) !== key(now, course));
}

/** The number of the last change at or before an instant (RFC 3339, UTC), or a position of the ledger. */
export function momentAt(told: Courses, given: string | number): number {
  if (typeof given === "number") return last(told.positions, (position) => position <= given);
  const until = sortable(given);
  return last(told.at, (instant) => sortable(instant) <= until);
}

function last<T>(ordered: readonly T[], fits: (one: T) => boolean): number {
  let [low, high] = [0, ordered.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (fits(ordered[middle] as T)) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** An instant in UTC so written that instants sort as text does, to the microsecond. */
function sortable(instant: string): string {
  const [, whole = instant, parts = ""] = /^(.*?T\d\d:\d\d:\d\d)(?:\.(\d+))?Z$/.exec(instant) ?? [];
  return `${whole}.${parts.padEnd(6, "0")}`;
}

/** What the query of an address says to show a moment of the axis: a valid time, or a position. */
export function written(told: Courses, moment: number): string {
  if (told.axis === "recorded") return String(moment < 0 ? 0 : (told.positions[moment] ?? 0));
  const first = told.at[0];
  if (moment >= 0 || first === undefined) return told.at[moment] ?? "";
  return new Date(new Date(first).getTime() - 1).toISOString();
}

/** A moment in words. */
export function said(told: Courses, moment: number): string {
  const at = told.at[moment];
  if (at === undefined) return told.axis === "valid" ? "before the first change" : "before anything was recorded";
  if (told.axis === "valid") return instant(at);
  return `position ${(told.positions[moment] ?? 0).toLocaleString("en")}`;
}

/** The moment that an address means; the present where it says nothing, or nothing that can be placed here. */
export function meant(told: Courses, given: string | null, tz: string | null, now: Date): number {
  const end = told.at.length - 1;
  if (told.axis === "recorded") {
    if (given === null) return end;
    return /^\d+$/.test(given) ? momentAt(told, Number(given)) : momentAt(told, inUtc(given) ?? now.toISOString());
  }
  return momentAt(told, (given === null ? null : lastInstant(given, tz)) ?? now.toISOString());
}

function inUtc(instant: string): string | null {
  const given = new Date(instant);
  return Number.isNaN(given.getTime()) ? null : given.toISOString();
}

const DATE = /^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?[~?%]?$/;

/** The last instant of an EDTF date or interval, which is what a state is taken at; null for what is not read here. */
export function lastInstant(edtf: string, tz: string | null): string | null {
  const text = edtf.split("/").at(-1) ?? "";
  const found = DATE.exec(text);
  // As it is, where it can be: a Date forgets what is less than a millisecond.
  if (!found) return /T.*Z$/.test(text) ? text : text.includes("T") ? inUtc(text) : null;
  const [year, month, day] = [Number(found[1]), found[2] && Number(found[2]), found[3] && Number(found[3])];
  const behind = !month ? Date.UTC(year + 1, 0) : !day ? Date.UTC(year, month) : Date.UTC(year, month - 1, day + 1);
  return new Date(behind - offset(tz) - 1).toISOString();
}

/** An offset such as `+02:00` in milliseconds; a zone by its name is taken for UTC, as it is where none is given. */
function offset(tz: string | null): number {
  const found = /^([+-])(\d\d):(\d\d)$/.exec(tz ?? "");
  if (!found) return 0;
  return (found[1] === "-" ? -1 : 1) * (Number(found[2]) * 60 + Number(found[3])) * 60_000;
}
