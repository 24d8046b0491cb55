/**
 * The text of an article, and where in it a quote stands. The ledger counts Unicode code points; a browser counts UTF-16
 * units, of which an emoji or a rare Chinese sign has two. Everything that leaves these pages is counted in code points.
 */

export type Span = { start: number; end: number };

/** The text as it can be kept: with plain line ends, and without what no store holds (NUL, halves of surrogate pairs). */
export function kept(pasted: string): string {
  return pasted
    .replaceAll("\r\n", "\n")
    .replaceAll("\r", "\n")
    .replaceAll("\0", "")
    .replace(/\p{Surrogate}/gu, "\uFFFD");
}

/** The SHA-256 of the text's UTF-8 bytes, in lower-case hexadecimal; null where the browser has no cryptography. */
export async function sha256(text: string): Promise<string | null> {
  // Browsers have it over HTTPS and on this machine alone.
  if (!("subtle" in crypto)) return null;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** How many code points stand before this UTF-16 offset. */
export function toPoints(text: string, units: number): number {
  let points = 0;
  for (let at = 0; at < units; points += 1) at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  return points;
}

/** The UTF-16 offset of this code point. */
export function toUnits(text: string, points: number): number {
  let at = 0;
  for (let left = points; left > 0 && at < text.length; left -= 1) at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  return at;
}

/** The span in code points of a selection in UTF-16 units, without the white space at its ends; null if empty. */
export function spanOf(text: string, from: number, to: number): Span | null {
  let [start, end] = from < to ? [from, to] : [to, from];
  // A selection never cuts a pair in two, but a caller might.
  if (isLow(text, start)) start -= 1;
  if (isLow(text, end)) end += 1;
  while (start < end && /\s/u.test(text.charAt(start))) start += 1;
  while (end > start && /\s/u.test(text.charAt(end - 1))) end -= 1;
  return start === end ? null : { start: toPoints(text, start), end: toPoints(text, end) };
}

function isLow(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return at > 0 && unit >= 0xdc00 && unit <= 0xdfff;
}

/** The words of a span. */
export function wordsAt(text: string, span: Span): string {
  return text.slice(toUnits(text, span.start), toUnits(text, span.end));
}

/** A slug for a name: `Syrian Observatory` becomes `syrian-observatory`; empty where nothing of it can stand in one. */
export function slugOf(name: string): string {
  return name
    .normalize("NFKD")
    .replace(/\p{Mark}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 100);
}
