/** What an editor has written of a claim so far: it outlives a reload of the page, and is sent once. */

import type { Schemas } from "$lib/api";
import { kept } from "$lib/base";
import { cleared, type Fields, link, type LinkFields, NOTHING } from "./fields";
import { sha256, type Span, wordsAt } from "./text";

export type Aspect = Schemas["AspectShown"] & {
  values?: "open" | "sources" | readonly string[];
  quantity?: boolean;
  horizon_hours?: number;
  inherits?: { facets?: Record<string, string> };
  tension?: readonly { facets?: Record<string, string> }[];
  vague?: Record<string, number>;
};
type Body = Schemas["ClaimDraft"];
type When = { edtf: string; words?: string };

/** What is written at one desk is not to be sent at another one that is open in the same tab. */
const KEPT = kept("onrecord-draft");

export class Draft {
  fields = $state<Fields>(restored());
  /** The SHA-256 of the article; null while it is reckoned, or where the browser cannot. */
  hash = $state<string | null>(null);
  aspect = $state.raw<Aspect | null>(null);

  /** Whether anything would be lost. */
  get isBegun(): boolean {
    const { text, title, quote, statement, location, value, chain } = this.fields;
    return Boolean(text || title || quote || statement || location || value || chain.some((one) => one.source));
  }

  /** Whether something is written that was not sent; a text that was quoted from stays for the next claim. */
  get isUnsent(): boolean {
    const { text, quote, earlier, statement, location, value, least, verbatim } = this.fields;
    return Boolean(quote || statement || location || value || least || verbatim || (text && !earlier.length));
  }

  get quoted(): string {
    return this.fields.quote ? wordsAt(this.fields.text, this.fields.quote) : "";
  }

  /** What has to be there before the claim can be tried. */
  get missing(): readonly string[] {
    const its = this.fields;
    const wanted: readonly (readonly [string, boolean])[] = [
      ["who says so", Boolean(its.chain[0]?.source)],
      ["every station of the way to us", its.chain.slice(1).every((one) => one.source)],
      ["the place", Boolean(its.location)],
      ["what it is about", Boolean(its.aspect)],
      [this.aspect?.quantity ? "how many" : "what is so", this.#isAnswered],
      ["of which time", Boolean(its.valid.trim())],
      ["when it was published", Boolean(its.published.trim())],
    ];
    return wanted.filter(([, there]) => !there).map(([name]) => name);
  }

  get #isAnswered(): boolean {
    const its = this.fields;
    return this.aspect?.quantity ? Boolean(its.least.trim() || its.verbatim.trim()) : Boolean(its.value.trim());
  }

  /** The claim as it is sent. */
  get body(): Body {
    const its = this.fields;
    const facets = Object.fromEntries(Object.entries(its.facets).filter(([, value]) => value.trim()));
    const body = {
      story: its.story,
      question: { location: its.location, aspect: its.aspect, ...(its.subject ? { subject: its.subject } : {}) },
      ...(this.aspect?.quantity ? { quantity: this.#quantity() } : { value: its.value.trim() }),
      facets,
      polarity: its.polarity,
      modality: its.modality,
      hedged: its.hedged,
      chain: its.chain.map(({ source, role, mode, naming }) => ({ source, role, mode, naming })),
      basis: its.basis,
      tz: its.tz.trim() || "UTC",
      valid: when(its.valid, its.validWords),
      ...(its.stated.trim() ? { stated: when(its.stated, its.statedWords) } : {}),
      published: when(its.published, ""),
      ...(its.statement.trim() ? { statement: its.statement.trim() } : {}),
      ...(its.quote && this.hash ? { quote: { document: this.hash, ...its.quote, exact: this.quoted } } : {}),
      tags: [...new Set(its.tags.split(",").map((tag) => tag.trim()))].filter(Boolean),
    };
    return body as Body;
  }

  #quantity() {
    const { least, most, unit, verbatim } = this.fields;
    const some = { min: number(least), max: number(most), unit: unit.trim(), verbatim: verbatim.trim() };
    return Object.fromEntries(Object.entries(some).filter(([, value]) => value !== "" && value !== undefined));
  }

  /** Reckon the hash of the text; to be called when it has changed. */
  async reckon(): Promise<void> {
    const { text } = this.fields;
    this.hash = null;
    const found = text ? await sha256(text) : null;
    if (text === this.fields.text) this.hash = found;
  }

  quote(span: Span | null): void {
    this.fields.quote = span;
  }

  /** A text that takes the place of another one leaves no quote of that. */
  replaceText(text: string): void {
    this.fields.text = text;
    this.fields.quote = null;
    this.fields.earlier = [];
  }

  /** Begin the next claim: from this text, with its speaker and times, or with nothing at all. */
  next(how: "from this text" | "from nothing"): void {
    const { quote, earlier } = this.fields;
    this.fields =
      how === "from this text"
        ? { ...cleared($state.snapshot(this.fields) as Fields), earlier: quote ? [...earlier, quote] : earlier }
        : { ...NOTHING(), key: crypto.randomUUID() };
  }

  /** Write down what there is, for a reload. */
  keep(): void {
    try {
      if (this.isBegun) sessionStorage.setItem(KEPT, JSON.stringify(this.fields));
      else sessionStorage.removeItem(KEPT);
    } catch {
      // A text that is too long for the browser's store, or none at all: leaving the page is warned of all the same.
    }
  }
}

export function addLink(fields: Fields, role: LinkFields["role"]): void {
  const publisher = fields.chain.at(-1)?.role === "publisher" ? fields.chain.length - 1 : fields.chain.length;
  const before = role === "publisher" ? fields.chain.length : role === "spokesperson" ? 1 : publisher;
  fields.chain.splice(before, 0, link(role));
}

function restored(): Fields {
  try {
    const known = JSON.parse(sessionStorage.getItem(KEPT) ?? "null") as Partial<Fields> | null;
    return { ...NOTHING(), ...known };
  } catch {
    return NOTHING();
  }
}

function when(edtf: string, words: string): When {
  return { edtf: edtf.trim(), ...(words.trim() ? { words: words.trim() } : {}) };
}

/** A whole number is a number; any other is sent as it was written, for the service to judge. */
function number(text: string): number | string | undefined {
  const written = text.trim().replaceAll(/[\s,’'](?=\d{3}\b)/g, "");
  if (!written) return undefined;
  return /^-?\d{1,15}$/.test(written) ? Number(written) : written;
}
