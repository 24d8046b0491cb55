/** What is contested, as the API lists it, and what an editor may say to it. */

import type { Schemas } from "$lib/api";
import type { Cause, Outcome } from "$lib/words";

export type Question = { location: string; aspect: string; subject?: string };
export type Claim = Schemas["ClaimShown"];
type Side = {
  name: string;
  value: unknown;
  strength: string;
  supporters: readonly string[];
  groups: readonly { claims: readonly string[]; interest: string }[];
};
export type Exposed = {
  story: string;
  number: number;
  title: string;
  printed: readonly Outcome[];
  cites: readonly string[];
};
export type Contradiction = Outcome & {
  question: Question;
  rule: string;
  lean: string | null;
  sides: Record<string, Side>;
  supporters: readonly string[];
  objectors: readonly string[];
  assessment: { value?: unknown; rationale?: unknown } | null;
  since: (Cause & { position: number; recorded: string }) | null;
  exposure: number;
  editions: readonly Exposed[];
  claims: readonly Claim[];
};

/** A side with the claims that it rests on, each with the interest of whoever said it. */
export type Voices = {
  name: string;
  strength: string;
  claims: readonly { claim: Claim; interest: string | null }[];
};

/** The sides, the stronger first; what only objects stands with the denial. */
export function voices(of: Contradiction): Voices[] {
  const known = new Map(of.claims.map((claim) => [claim.id, claim] as const));
  const placed = new Set(Object.values(of.sides).flatMap((side) => side.supporters));
  const objecting = of.objectors.filter((claim) => !placed.has(claim));
  return Object.values(of.sides)
    .map((side) => {
      const ids = side.supporters.length ? side.supporters : objecting;
      const interests = new Map(
        side.groups.flatMap((group) => group.claims.map((id) => [id, group.interest] as const)),
      );
      return {
        name: side.name,
        strength: side.strength,
        claims: ids.flatMap((id) => {
          const claim = known.get(id);
          return claim ? [{ claim, interest: interests.get(id) ?? null }] : [];
        }),
      };
    })
    .sort(
      (one, other) =>
        Number(other.name === of.lean) - Number(one.name === of.lean) || other.strength.localeCompare(one.strength),
    );
}

/** A name for the verdict, from what it is about; the service refuses one that is taken, and says so. */
export function nameOf(question: Question, day: string): string {
  const parts = [question.location, question.aspect, question.subject, day.replace(/[^0-9]/g, "")];
  return parts
    .filter(Boolean)
    .join("-")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 100);
}
