/** How belief went along an axis, as the chart, its table and the list of changes all need it. */

import type { Outcome } from "$lib/words";
import type { Axis, Belief, History, Word } from "./asking";

/** What is believed from `from` up to `to` (null: no bound), in milliseconds or along the ledger in positions. */
export type Stretch = {
  from: number | null;
  to: number | null;
  outcome: Outcome;
  /** What was believed before; null for what was believed first. */
  before: Outcome | null;
  rule: string;
  /** The value of `valid_at` or `as_of` that leads here. */
  at: string | null;
  /** When that was recorded; only along the ledger. */
  recorded: string | null;
  /** The event that brought it about; only along the ledger, since along time it is words that begin and end. */
  cause: Record<string, unknown> | null;
};

const UNREPORTED: Outcome = { agreement: "unreported", strength: null, value: null };

/** The answer of the API as stretches, oldest first. */
export function courseOf(history: History, axis: Axis): Stretch[] {
  return axis === "valid" ? alongTime(history) : alongLedger(history);
}

type Told = Outcome & { from: string | null; to: string | null; rule: string };

function alongTime(history: History): Stretch[] {
  const given = history.stretches as unknown as readonly Told[];
  return given.map((one, place) => ({
    from: one.from === null ? null : Date.parse(one.from),
    to: one.to === null ? null : Date.parse(one.to),
    outcome: one,
    before: given[place - 1] ?? null,
    rule: one.rule,
    at: one.from,
    recorded: null,
    cause: null,
  }));
}

function alongLedger(history: History): Stretch[] {
  const given = history.changes ?? [];
  const first = given[0];
  const start: Stretch = {
    from: null,
    to: first?.position ?? null,
    outcome: first ? (first.before as Outcome) : UNREPORTED,
    before: null,
    rule: "",
    at: null,
    recorded: null,
    cause: null,
  };
  return [
    start,
    ...given.map((change, place) => ({
      from: change.position,
      to: given[place + 1]?.position ?? null,
      outcome: change.after as Outcome,
      before: change.before as Outcome,
      rule: String((change as { rule?: string }).rule ?? ""),
      at: String(change.position),
      recorded: change.recorded,
      cause: change.cause as Record<string, unknown>,
    })),
  ];
}

/** Where the reader stands on the axis: in milliseconds or as a position; null where they ask of the present. */
export function whereabouts(axis: Axis, belief: Belief | undefined, asOf: string | undefined, words: readonly Word[]) {
  return axis === "valid" ? validPlace(belief) : recordedPlace(asOf, words);
}

function validPlace(belief: Belief | undefined): number | null {
  const asked = belief?.["valid_at"] as { from: string | null; to: string | null } | null | undefined;
  if (!asked?.to) return null;
  const end = Date.parse(asked.to);
  // A day asks of its last instant; an instant of itself, and is a microsecond long, which is nothing in milliseconds.
  return asked.from !== null && Date.parse(asked.from) === end ? end : end - 0.5;
}

function recordedPlace(asOf: string | undefined, words: readonly Word[]): number | null {
  if (asOf === undefined) return null;
  if (/^\d+$/.test(asOf)) return Number(asOf);
  const moment = Date.parse(asOf);
  const known = words.filter((word) => Date.parse(word.recorded) <= moment).map((word) => word.position);
  return Math.max(0, ...known);
}

/** The change before (-1) or after (+1) where the reader stands; undefined if there is none. */
export function stepped(course: readonly Stretch[], place: number | null, way: -1 | 1): Stretch | undefined {
  const changes = course.filter((one) => one.from !== null);
  const here = place ?? Infinity;
  return way > 0 ? changes.find((one) => (one.from ?? 0) > here) : changes.findLast((one) => (one.from ?? 0) < here);
}

/** The stretch in which the reader stands. */
export function currentOf(course: readonly Stretch[], place: number | null): Stretch | undefined {
  return course.findLast((one) => one.from === null || one.from <= (place ?? Infinity));
}

/** The words that begin or end where a stretch begins: what changed the belief there, as far as claims did. */
export function turningAt(words: readonly Word[], moment: number | null): { begin: Word[]; end: Word[] } {
  const standing = words.filter((word) => word.status === "standing" && !word.left_out && moment !== null);
  return {
    begin: standing.filter((word) => word.from !== null && Date.parse(word.from) === moment),
    end: standing.filter((word) => word.to !== null && Date.parse(word.to) === moment),
  };
}
