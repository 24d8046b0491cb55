/** How a claim came to us and what it says, in an editor's words. */

import type { Schemas } from "$lib/api";
import { day, instant } from "$lib/times";
import { counted, MODALITIES, value, type Called } from "$lib/words";

export type Claim = Schemas["ClaimShown"];
export type Link = Schemas["LinkShown"];
type Amount = {
  min?: string | number | null;
  max?: string | number | null;
  unit?: string | null;
  verbatim?: string | null;
};
export type Said = { polarity: Claim["polarity"]; value?: string | Amount | null };

/** Letters up to which a value is a word to be told apart by its mark. */
const LONG = 24;

export const ROLES: Record<Link["role"], string> = {
  speaker: "said it",
  spokesperson: "spoke for them",
  carrier: "passed it on",
  publisher: "published it",
};
export const MODES: Record<Link["mode"], string> = {
  quote: "word for word",
  paraphrase: "in other words",
  carried: "as others had it",
};
export const NAMINGS: Record<Link["naming"], string> = {
  named: "",
  org_only: "only the organisation is named",
  unnamed: "not named",
};
export const BASES: Record<Claim["basis"], string> = {
  statement: "The speaker vouches for it.",
  witnessed: "The speaker says to have seen it.",
  document: "It rests on a document.",
  imagery: "It rests on pictures.",
  unstated: "Nobody is named for it: it is the publisher's own voice.",
};
/** What a claim does to another one, and what the other one has done to it. */
export const RELATIONS: Record<string, readonly [does: string, done: string]> = {
  confirms: ["confirms", "confirms it"],
  carries: ["carries", "carries it"],
  carries_similar: ["carries nearly the same as", "carries nearly the same"],
  denies: ["denies", "denies it"],
  contradicts: ["contradicts", "contradicts it"],
  specifies: ["says more precisely", "says it more precisely"],
  restates: ["says again", "says it again"],
  queries: ["doubts", "doubts it"],
};
export const ENDINGS: Record<string, string> = {
  corrected: "corrected",
  withdrawn: "withdrawn",
  voided: "void",
};

/** What was said, shown or not: the words, or null where they are gone. */
export function statementOf(claim: Pick<Claim, "statement">): string | null {
  return typeof claim.statement === "string" ? claim.statement : null;
}

/** What a claim says on its question: `not Russia`, `at least 12`, `Syrian government`. */
export function said(claim: Pick<Claim, "value" | "quantity" | "polarity">, called: Called): string {
  return stance({ polarity: claim.polarity, value: claim.quantity ?? claim.value }, called);
}

/** The same of what a source says on a question. */
export function stance(said: Said, called: Called): string {
  const told = typeof said.value === "object" && said.value !== null ? quantity(said.value) : value(said.value, called);
  return said.polarity === "denies" ? `denies: ${told}` : told;
}

function quantity(given: Amount): string {
  const words = given.verbatim ? `“${given.verbatim}”` : "";
  if (given.min === null || given.min === undefined) return words;
  const number = (end: string | number) => (typeof end === "number" ? end : /^-?\d+$/.test(end) ? Number(end) : end);
  const ends = {
    min: number(given.min),
    max: given.max === null || given.max === undefined ? null : number(given.max),
  };
  const told = value({ ...ends, unit: given.unit ?? null });
  return words && !words.includes(told) ? `${told} (${words})` : told;
}

/** What a claim or a stance says, as an outcome that a mark can be made of; null for a sentence, which needs none. */
export function marked(said: Said): { agreement: string; value: unknown } | null {
  const { value: given } = said;
  if (typeof given === "string" && given.length > LONG) return null;
  const value =
    typeof given === "object" && given !== null
      ? { min: given.min ?? null, max: given.max ?? null, unit: given.unit ?? null }
      : (given ?? null);
  return { agreement: value !== null && said.polarity === "asserts" ? "uncontested" : "unreported", value };
}

/** How often, in words. */
export function often(times: number): string {
  return times === 1 ? "once" : times === 2 ? "twice" : counted(times, "time");
}

/** In which way it was said: `as an opinion, with reserve`. */
export function manner(claim: Pick<Claim, "modality" | "hedged">): string {
  return `${MODALITIES[claim.modality] ?? claim.modality}${claim.hedged ? ", with reserve" : ""}`;
}

/** A time as it was told: `“on Tuesday”: 8 November 2016`. */
export function told(time: { edtf: string; words?: string | null }): string {
  const date = time.edtf.includes("T") && !time.edtf.includes("/") ? instant(time.edtf) : edtf(time.edtf);
  return time.words ? `“${time.words}”: ${date}` : date;
}

/** A date, or an interval whose ends may be open or about. */
function edtf(text: string): string {
  const about = text.replaceAll("~", "").replace(/\b(\d{4})-(\d{2})\b(?!-)/g, (month) => ofMonth(month));
  const mark = text.includes("~") ? "about " : "";
  const [from = "", to] = about.split("/");
  if (from === ".." && to === "..") return "at all times";
  if (to === "..") return `from ${mark}${day(from)} on`;
  if (from === ".." && to) return `until ${mark}${day(to)}`;
  return `${mark}${to ? `${day(from)} to ${day(to)}` : day(from)}`;
}

/** `2016-11` as a month; what is none stays as it is. */
function ofMonth(text: string): string {
  const whole = day(`${text}-01`);
  return whole.startsWith("1 ") ? whole.slice(2) : text;
}

/** By how long a source was ahead of the next. */
export function lead(seconds: number): string {
  const hours = seconds / 3600;
  if (hours < 1) return counted(Math.round(seconds / 60), "minute");
  return hours < 48 ? counted(Math.round(hours), "hour") : counted(Math.round(hours / 24), "day");
}

/** Who recorded it, which is not who said it: the key or account that let them in. */
export function recorder(by: string): string {
  const [kind = "", ...rest] = by.split(":");
  const name = rest.join(":");
  if (kind === "key" && name) return `with the key ${name}`;
  if (kind === "local" && name) return `by ${name}, at the command line`;
  if (kind === "oidc" && name) {
    const [issuer = "", ...subject] = rest;
    return subject.length ? `by ${subject.join(":")}, whom ${issuer} vouches for` : `by ${name}`;
  }
  return by === "open" ? "without a key, as none was asked for" : `by ${by}`;
}

/** Who said it and who published it: the two ends of the chain. */
export function ends(claim: Pick<Claim, "chain">): readonly [speaker: string, publisher: string | null] {
  const first = claim.chain[0]?.source ?? "";
  const others = claim.chain.slice(1).filter((link) => link.role === "carrier" || link.role === "publisher");
  return [first, others[0]?.source ?? null];
}
