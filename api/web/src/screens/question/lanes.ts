/** One lane a source: in which order, what it held when, and which marks stand for its words. */

import { keyOf } from "$lib/colours";
import { sides } from "$lib/words";
import type { Axis, Belief, Word, Words } from "./asking";
import type { Scale } from "./scale";

export type Run = { from: number; to: number | null; key: string; denies: boolean };
export type Lane = {
  source: string;
  words: Word[];
  /** What the source held from when to when, one value after the other. */
  runs: Run[];
  /** Whether others beside it speak with the same voice: the first of them, one between, or the last. */
  tied: "" | "first" | "between" | "last";
  /** Whether there are more words than are drawn. */
  partly: boolean;
};
export type Mark = {
  at: number;
  /** How far above or below its lane, in pixels. */
  aside: number;
  words: Word[];
  key: string;
  denies: boolean;
  /** None of its words counts any more: taken back, corrected, voided or left out. */
  gone: boolean;
  /** At least one of its words is what is believed, or speaks against it, where the reader stands. */
  counts: boolean;
};

/** Pixels between marks that do not lie on each other. */
const APART = 9;

/** Under which value a word is drawn. Quantities that mean the same differ in writing, so they go by their side. */
export function keysOf(belief: Belief | undefined): (word: Word) => string {
  const sideOf = new Map<string, string>();
  for (const [name, side] of Object.entries((belief?.sides ?? {}) as Record<string, { supporters: string[] }>)) {
    for (const claim of side.supporters) sideOf.set(claim, name.replace(/^not:/, ""));
  }
  const value = keyOf(belief?.value) ?? "";
  for (const claim of belief?.supporters ?? []) if (!sideOf.has(claim)) sideOf.set(claim, value);
  return (word) => (typeof word.value === "string" ? word.value : (sideOf.get(word.claim) ?? "an amount"));
}

/** The claims that the belief rests on, or that speak against it. */
export function counting(belief: Belief | undefined): Set<string> {
  return new Set([...(belief?.supporters ?? []), ...(belief?.objectors ?? [])]);
}

/** The lanes: first those whom the belief rests on, side by side, then the others; who is one voice stands together. */
export function lanesOf(answer: Words, belief: Belief | undefined, axis: Axis, keyed: (word: Word) => string): Lane[] {
  const bySource = grouped(answer.words);
  const rank = ranked(belief);
  const place = (voice: readonly string[]) =>
    Math.min(...voice.flatMap((source) => (bySource.get(source) ?? []).map((word) => rank.get(word.claim) ?? 99)));
  const voices = answer.voices
    .map((voice) => ({
      voice,
      place: place(voice),
      words: voice.reduce((sum, one) => sum + (bySource.get(one)?.length ?? 0), 0),
    }))
    .sort((one, other) => one.place - other.place || other.words - one.words || one.voice.length - other.voice.length);
  return voices.flatMap(({ voice }) => {
    const mine = [...voice].sort((one, other) => place([one]) - place([other]) || one.localeCompare(other));
    return mine.map((source, order) => {
      const words = bySource.get(source) ?? [];
      const tied = mine.length < 2 ? "" : order === 0 ? "first" : order === mine.length - 1 ? "last" : "between";
      return {
        source,
        words,
        tied,
        runs: runsOf(words, answer.kind, axis, keyed),
        partly: answer.partly.includes(source),
      };
    });
  });
}

/** The lane of a source that had not spoken yet: that nobody else has is information, too. */
export function emptyLane(source: string): Lane {
  return { source, words: [], runs: [], tied: "", partly: false };
}

function grouped(words: readonly Word[]): Map<string, Word[]> {
  const found = new Map<string, Word[]>();
  for (const word of words) {
    const mine = found.get(word.source);
    if (mine) mine.push(word);
    else found.set(word.source, [word]);
  }
  return found;
}

function ranked(belief: Belief | undefined): Map<string, number> {
  const found = new Map<string, number>();
  if (!belief) return found;
  const given = belief.sides as Record<string, { supporters: string[] }>;
  for (const [order, [name]] of sides(belief).entries()) {
    for (const claim of given[name]?.supporters ?? []) if (!found.has(claim)) found.set(claim, order);
  }
  for (const claim of belief.supporters) if (!found.has(claim)) found.set(claim, 0);
  for (const claim of belief.objectors) if (!found.has(claim)) found.set(claim, 50);
  return found;
}

/** Where a word begins on the axis; of an open beginning, the end of the picture. */
export function startOf(word: Word, axis: Axis): number {
  if (axis === "recorded") return word.position;
  return word.from === null ? -Infinity : Date.parse(word.from);
}

function runsOf(words: readonly Word[], kind: string, axis: Axis, keyed: (word: Word) => string): Run[] {
  const standing = words.filter((word) => word.status === "standing" && !word.left_out);
  const ordered = axis === "valid" ? standing : [...words].sort((one, other) => one.position - other.position);
  const runs: Run[] = [];
  for (const [order, word] of ordered.entries()) {
    const next = ordered[order + 1];
    // A state holds until the same source says otherwise; what happened has the time that it has.
    const own = axis === "valid" ? (word.to === null ? null : Date.parse(word.to)) : endedAt(word);
    const follows = next && (kind === "state" || axis === "recorded") ? startOf(next, axis) : null;
    const to = own === null ? follows : follows === null ? own : Math.min(own, follows);
    const from = startOf(word, axis);
    const last = runs.at(-1);
    const key = keyed(word);
    if (last && last.key === key && last.denies === word.denies && last.to !== null && last.to >= from) last.to = to;
    else if (to === null || to > from) runs.push({ from, to, key, denies: word.denies });
  }
  return runs;
}

function endedBy(word: Word, place: number | null): boolean {
  const ended = endedAt(word);
  return ended !== null && (place === null || ended <= place);
}

function endedAt(word: Word): number | null {
  return (word.ended as { position: number } | null)?.position ?? null;
}

/** The marks of a lane. Words whose marks would lie on each other are one mark, if they say the same. */
export function marksOf(
  words: readonly Word[],
  axis: Axis,
  scale: Scale,
  width: number,
  keyed: (word: Word) => string,
  counted: ReadonlySet<string>,
  place: number | null,
): Mark[] {
  const found = new Map<number, Map<string, Mark>>();
  for (const word of words) {
    const start = startOf(word, axis);
    const at = start === -Infinity ? scale.low : scale.of(start);
    if (at < scale.low || at > scale.high) continue;
    const bin = Math.round((((at - scale.low) / (scale.high - scale.low)) * width) / APART);
    // Along the ledger a word counts until it is ended, also where that is known by now.
    const gone = word.left_out || (axis === "valid" ? word.status !== "standing" : endedBy(word, place));
    const key = keyed(word);
    const name = `${word.denies} ${gone} ${key}`;
    const there = found.get(bin) ?? new Map<string, Mark>();
    found.set(bin, there);
    const mark = there.get(name);
    if (mark) {
      mark.words.push(word);
      mark.counts ||= counted.has(word.claim);
    } else
      there.set(name, { at, aside: 0, words: [word], key, denies: word.denies, gone, counts: counted.has(word.claim) });
  }
  return [...found.values()].flatMap((there) => {
    const marks = [...there.values()];
    // What says something else at the same time stands beside it.
    for (const [order, mark] of marks.entries()) mark.aside = (order - (marks.length - 1) / 2) * 8;
    return marks;
  });
}
