/** The sentences of a question's page, of the mould of the printed sheets. */

import type { Cut } from "$lib/cuts.svelte";
import { asked, day } from "$lib/times";
import { INTERESTS, listed, MODALITIES, sentence, value, type Called } from "$lib/words";
import type { Word } from "./asking";

/** Under which terms and of when something is believed: `Without SOHR, we believe of 12 November 2016:`. */
export function opening(cut: Cut, called: Called): string {
  const { valid_at: of, as_of: known } = cut;
  const terms = [
    cut.without?.length ? `without ${listed(cut.without.map(called))}` : "",
    cut.policy ? `under ${cut.policy}` : "",
    cut.projection ? `in the picture ${cut.projection}` : "",
    known === undefined ? "" : /^\d+$/.test(known) ? `at ${asked(known)}` : `on ${asked(known)}`,
  ].filter(Boolean);
  const when = of === undefined ? (known === undefined ? " now" : "") : ` of ${asked(of)}`;
  return sentence(
    `${terms.join(", ")}${terms.length ? ", " : ""}we ${known === undefined ? "believe" : "believed"}${when}:`,
  ).slice(0, -1);
}

/** What a word says, in few words: `not Rebels`. */
export function says(word: Word, called: Called): string {
  return `${word.denies ? "not " : ""}${value(word.value, called)}`;
}

/** Who said a word beside the source itself, and through whom it came: `Zakaria Malahifji; through Reuters`. */
export function through(word: Word, called: Called): string {
  const by = word.by.map(called);
  const via = [...new Set(word.through)].map(called);
  return [...by, ...(via.length ? [`through ${listed(via)}`] : [])].join("; ");
}

/** How far a word goes, and in whose interest. */
export function marks(word: Word, place: Called): string[] {
  return [
    word.interest === "unknown" ? "" : (INTERESTS[word.interest] ?? ""),
    word.hedged ? "with a reservation" : "",
    word.hearsay ? "hearsay" : "",
    word.modality === "asserted" ? "" : (MODALITIES[word.modality] ?? word.modality),
    word.via ? `said of ${place(word.via)}` : "",
    word.implied
      ? `implied by what was said of ${String(word.said_of["aspect"]).replaceAll("_", " ")}${word.implied === "soft" ? ", softly" : ""}`
      : "",
    word.status === "standing" ? "" : (ENDINGS[word.status] ?? word.status),
    word.left_out ? "left out" : "",
  ].filter(Boolean);
}

const ENDINGS: Record<string, string> = {
  corrected: "corrected by the desk",
  withdrawn: "taken back",
  voided: "voided",
};

/** The time a word speaks of, as it was written. */
export function validTold(word: Word): string {
  return day(String(word.valid["edtf"] ?? ""));
}

/** When a word was said. */
export function statedTold(word: Word): string {
  return day(String(word.stated["edtf"] ?? ""));
}

/** Ties of a group as they are named: `fastaqim/member_of/rebels` is told as `Fastaqim member of Rebels`. */
export function tie(edge: string, called: Called): string {
  const [from, relation, to, more] = edge.split("/");
  if (!from || !relation || !to || more !== undefined) return edge;
  return `${called(from)} ${relation.replaceAll("_", " ")} ${called(to)}`;
}
