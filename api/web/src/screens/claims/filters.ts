/** What claims are searched by: the API's own filters, as the address holds them. */

import { address } from "$lib/address.svelte";

export const FILTERS = ["q", "location", "source", "aspect", "story", "subject", "tag"] as const;
export type Filter = (typeof FILTERS)[number];
export type Wanted = Partial<Record<Filter, string>>;

/** The filters that the address names. */
export function wanted(): Wanted {
  const found = FILTERS.map((name) => [name, address.query.get(name)] as const);
  return Object.fromEntries(found.filter(([, value]) => value)) as Wanted;
}

export type Piece = { text: string; found: boolean };

/** The text in pieces, with those marked that are words searched for (a phrase in quotes is a word). */
export function marked(text: string, q: string | undefined): readonly Piece[] {
  const words = [...(q ?? "").matchAll(/"([^"]+)"|(-?)([\p{L}\p{N}]+)/gu)]
    .filter(([, , without, word]) => !without && word?.toLowerCase() !== "or")
    .map(([, phrase, , word]) => (phrase ?? word ?? "").replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .filter(Boolean);
  if (words.length === 0) return [{ text, found: false }];
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(${words.join("|")})(?![\\p{L}\\p{N}])`, "giu");
  return text.split(pattern).map((part, at) => ({ text: part, found: at % 2 === 1 }));
}
