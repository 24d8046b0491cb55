/** Two policies or pictures side by side, as the API answers it. */

import { AGREEMENTS, type Outcome } from "$lib/words";

type Heard = { says: string; sources: readonly string[]; interest: readonly string[]; claims: readonly string[] };
export type Seen = Outcome & { rule: string; heard: readonly Heard[]; counts_alone: readonly string[] };
export type Difference = {
  question: { location: string; aspect: string; subject?: string };
  first: Seen;
  second: Seen;
};
type Side = { projection: string | null; policy: string; without: readonly string[]; position: number };
export type Comparison = {
  first: Side;
  second: Side;
  whole: boolean;
  questions: number;
  differing: number;
  counts: { agreement: Record<string, Record<string, number>> };
  differences: readonly Difference[];
};

/** The two names as the query wants them: a policy has a version behind a stroke, a projection has not. */
export function terms(first: string, second: string): { policy?: string[]; projection?: string[] } {
  const policy = [first, second].filter((name) => name.includes("/"));
  const projection = [first, second].filter((name) => !name.includes("/"));
  return { ...(policy.length ? { policy } : {}), ...(projection.length ? { projection } : {}) };
}

/** The agreements that occur on either side, in the order of the rules. */
export function agreements(counts: Record<string, Record<string, number>>): string[] {
  const met = new Set([...Object.keys(counts), ...Object.values(counts).flatMap((row) => Object.keys(row))]);
  return [...Object.keys(AGREEMENTS), ...met].filter(
    (name, place, all) => met.has(name) && all.indexOf(name) === place,
  );
}

export function nameOf(side: Side): string {
  return side.projection ?? side.policy;
}
