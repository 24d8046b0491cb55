/** How a story came about: what changed, event by event, with its editions in between. */

import type { Cause, Outcome } from "$lib/words";
import type { Published, Question } from "./editions";

export type Change = {
  question: Question;
  position: number;
  recorded: string;
  before: Outcome;
  after: Outcome;
  cause: Cause;
};
/** One row of the list: an event with all the beliefs that it changed, or an edition. `cut` names it to the API. */
export type Row = { cut: string; position: number; recorded: string | null } & (
  { changes: readonly Change[]; edition?: never } | { edition: Published; changes?: never }
);

/** The rows, newest first: an edition stands above all that it knew. */
export function rowsOf(changes: readonly Change[], editions: readonly Published[]): Row[] {
  const events = new Map<number, Change[]>();
  for (const change of changes) {
    const those = events.get(change.position);
    if (those) those.push(change);
    else events.set(change.position, [change]);
  }
  const rows: Row[] = [...events.entries()].map(([position, those]) => ({
    cut: String(position),
    position,
    recorded: those[0]?.recorded ?? null,
    changes: those,
  }));
  for (const edition of editions) {
    rows.push({ cut: `edition/${edition.number}`, position: edition.as_of, recorded: null, edition });
  }
  return rows.sort((one, other) => other.position - one.position || Number(!!other.edition) - Number(!!one.edition));
}

/** Which two rows are compared, by place in the list: those named, else the newest edition with what it followed. */
export function chosen(rows: readonly Row[], from: string | null, to: string | null): { from: number; to: number } {
  const place = (cut: string | null) => (cut === null ? -1 : rows.findIndex((row) => row.cut === cut));
  const editions = rows.flatMap((row, index) => (row.edition ? [index] : []));
  let last = place(to);
  if (last < 0) last = editions.length > 1 ? (editions[0] ?? 0) : 0;
  let first = place(from);
  if (first <= last) first = editions.find((index) => index > last) ?? rows.length - 1;
  return { from: first, to: last };
}

/** Ticks of the strip: where along the recorded positions, from 0 to 1. */
export function along(position: number, rows: readonly Row[]): number {
  const [newest, oldest] = [rows[0]?.position ?? 1, rows[rows.length - 1]?.position ?? 0];
  return newest === oldest ? 0.5 : (position - oldest) / (newest - oldest);
}

/** What is written over the flags of the strip: editions that stand closer than a name is wide share one. */
export function flagged(
  places: readonly { number: number; at: number }[],
  wide: number,
): { name: string; at: number }[] {
  const groups: { numbers: number[]; first: number; last: number }[] = [];
  for (const { number, at } of [...places].sort((one, other) => one.at - other.at || one.number - other.number)) {
    const group = groups[groups.length - 1];
    if (group && at - group.last < wide) {
      group.numbers.push(number);
      group.last = at;
    } else groups.push({ numbers: [number], first: at, last: at });
  }
  return groups.map(({ numbers, first, last }) => ({
    name: numbers.length === 1 ? `edition ${numbers[0]}` : `editions ${numbers[0]} to ${numbers[numbers.length - 1]}`,
    at: (first + last) / 2,
  }));
}
