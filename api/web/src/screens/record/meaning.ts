/** What a time means is said while it is written, before anybody is asked: how far it reaches, and what is not exact. */

import { day, instant } from "$lib/times";

const PART = /^(-?\d{4})(?:-(\d{2})(?:-(\d{2}))?)?([~?%])?$/;
const MONTHS = [
  "January", "February", "March", "April", "May", "June",
  "July", "August", "September", "October", "November", "December",
]; // prettier-ignore
const MARKS: Record<string, string> = { "~": "approximately", "?": "uncertain", "%": "approximately, and uncertain" };

/** The meaning of an EDTF text in words (`isValid`: as the time that is spoken of); null for one that is not understood here (the service may understand it). */
export function meaning(edtf: string, zone: string, { isValid = false } = {}): string | null {
  const text = edtf.trim();
  if (!text) return null;
  if (text.includes("T")) return instantMeaning(text);
  const [first = "", last, more] = text.split("/");
  if (more !== undefined) return null;
  if (last === undefined) {
    const one = part(first);
    return one && `${one} (in ${zone || "UTC"})${isValid ? "; of a state, from then on" : ""}`;
  }
  const [from, to] = [isOpen(first) ? "" : part(first), isOpen(last) ? "" : part(last)];
  if (from === null || to === null) return null;
  if (!from && !to) return "at all times";
  if (!from) return `until the end of ${to} (in ${zone || "UTC"})`;
  return to ? `from ${from} to the end of ${to} (in ${zone || "UTC"})` : `from ${from} on (in ${zone || "UTC"})`;
}

function isOpen(text: string): boolean {
  return text === ".." || text === "";
}

function part(text: string): string | null {
  if (text.includes("T")) return instantMeaning(text);
  const found = PART.exec(text);
  if (!found) return null;
  const [, year = "", month, date, mark] = found;
  if (month && (Number(month) < 1 || Number(month) > 12)) return null;
  if (date && Number.isNaN(Date.parse(`${year}-${month}-${date}T00:00Z`))) return null;
  const told = date
    ? day(`${year}-${month}-${date}`)
    : month
      ? `${MONTHS[Number(month) - 1]} ${year}`
      : `the year ${year}`;
  return mark ? `${told}, ${MARKS[mark]}` : told;
}

function instantMeaning(text: string): string | null {
  const zoned = /(Z|[+-]\d{2}:\d{2})$/.test(text);
  return zoned && !Number.isNaN(Date.parse(text)) ? instant(text, { seconds: true }) : null;
}
