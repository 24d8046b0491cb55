/** What has become of an edition, in an editor's words; the codes are those of services/urgency.py. */

import type { Cause, Outcome } from "$lib/words";

export type Question = { location: string; aspect: string; subject?: string };
export type Changed = { question: Question; since: number | null; before: Outcome; after: Outcome; because: Cause[] };
export type Ended = { claim: string; since: number; status: string; because: Cause };
export type Affected = {
  since: number | null;
  urgency: string | null;
  answered_by: number | null;
  beliefs: readonly Changed[];
  claims: readonly Ended[];
  /** A policy that is not installed any more, so that beliefs cannot be held against what it would say. */
  unjudged?: string;
};
/** An edition as its story lists it: that it was published, and up to which position it knew the ledger. */
export type Published = { number: number; title: string; position: number; as_of: number };
export type Edition = Published & {
  story: string;
  published: { edtf: string };
  corrects?: number | null;
  corrected_by: readonly { number: number; title: string; position: number }[];
  affected: Affected;
};

const URGENCIES: Record<string, readonly [word: string, told: string]> = {
  overturned: [
    "overturned",
    "What was printed as conceded or established is not believed any more, or another value is.",
  ],
  reversed: ["reversed", "Another value is believed now than was printed."],
  voided: ["rests on a void claim", "A cited claim was never its source’s."],
  unsettled: ["unsettled", "What was printed as a value is contested now, or does not stand any more."],
  settled: ["settled since", "What was printed as contested or unknown has a value now."],
  withdrawn: ["a claim was taken back", "A source took a cited claim back."],
  corrected: ["a claim was corrected", "The desk corrected a cited claim."],
  weakened: ["weakened", "A value that was printed is less well founded now."],
  strengthened: ["strengthened", "A value that was printed is better founded now."],
  shifted: ["shifted", "The sides of what is contested stand otherwise now."],
  answered: ["answered", "An edition that corrects this one was made after the last change."],
};
/** What asks for somebody today; whatever else has become of an edition can wait. */
const PRESSING = ["overturned", "reversed", "voided", "unsettled"];

/** What has become of the edition in a word or two. */
export function state(affected: Affected): string {
  return affected.urgency === null ? "stands as printed" : (URGENCIES[affected.urgency]?.[0] ?? affected.urgency);
}

/** The same in a sentence. */
export function told(affected: Affected): string {
  if (affected.urgency === null) return "All that it relied on is as it was when it came out.";
  return URGENCIES[affected.urgency]?.[1] ?? "What it relied on has changed.";
}

export function isPressing(affected: Affected): boolean {
  return affected.urgency !== null && PRESSING.includes(affected.urgency);
}
