/** The fields of the form as they are written, and what of them stays for the next claim. */

import type { Schemas } from "$lib/api";
import type { Span } from "./text";

export type LinkFields = Schemas["Link"] & { key: number };
export type Fields = {
  /** The name of the call: whatever is sent twice under it is recorded once. */
  key: string;
  text: string;
  title: string;
  url: string;
  /** Whether the text itself is archived, or only its hash. */
  keepText: boolean;
  quote: Span | null;
  /** What was quoted in claims that are recorded already. */
  earlier: Span[];
  chain: LinkFields[];
  basis: string;
  location: string;
  aspect: string;
  subject: string;
  value: string;
  least: string;
  most: string;
  unit: string;
  verbatim: string;
  facets: Record<string, string>;
  polarity: "asserts" | "denies";
  modality: string;
  hedged: boolean;
  tz: string;
  valid: string;
  validWords: string;
  stated: string;
  statedWords: string;
  published: string;
  story: string[];
  statement: string;
  tags: string;
};

let links = 0;

/** A station of the way that a statement took. */
export function link(role: LinkFields["role"]): LinkFields {
  links += 1;
  // Keys come from two lives of a page: those that a reload brought back must not meet new ones.
  return { key: Date.now() + links, source: "", role, mode: "paraphrase", naming: "named" };
}

export const NOTHING = (): Fields => ({
  key: crypto.randomUUID(),
  text: "",
  title: "",
  url: "",
  keepText: true,
  quote: null,
  earlier: [],
  chain: [link("speaker"), link("publisher")],
  tz: "UTC",
  valid: "",
  validWords: "",
  stated: "",
  statedWords: "",
  published: "",
  story: [],
  ...ANSWER(),
});

const ANSWER = () => ({
  basis: "statement",
  location: "",
  aspect: "",
  subject: "",
  value: "",
  least: "",
  most: "",
  unit: "",
  verbatim: "",
  facets: {},
  polarity: "asserts" as const,
  modality: "asserted",
  hedged: false,
  statement: "",
  tags: "",
});

/** What is written for the next claim of a text: its document, who speaks, of which time; the answer is another one. */
export function cleared(fields: Fields): Fields {
  return { ...fields, ...ANSWER(), key: crypto.randomUUID(), quote: null };
}
