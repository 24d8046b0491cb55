/** The difference of two cuts of a story, as the API answers it. */

import { instant } from "$lib/times";
import type { Cause, Outcome } from "$lib/words";
import type { Question } from "./editions";

export type End = {
  cut: string | null;
  position: number;
  recorded: string | null;
  edition?: { number: number; title: string };
};
export type Row = { question: Question; before: Outcome; after: Outcome; because: readonly { cause: Cause }[] };
export type Difference = {
  from: End;
  to: End;
  valid_at: string | null;
  policy: string;
  appeared: readonly Row[];
  changed: readonly Row[];
  gone: readonly Row[];
};

/** What one end is called: `edition 2, “Minian contested”`, `position 91`, or the present. */
export function nameOf(end: End): string {
  if (end.edition) return `edition ${end.edition.number}, “${end.edition.title}”`;
  if (end.cut === null) return `the present (position ${end.position.toLocaleString("en")})`;
  if (/^\d+$/.test(end.cut)) return `position ${end.position.toLocaleString("en")}`;
  return `${instant(end.cut)} (position ${end.position.toLocaleString("en")})`;
}
