/** Times for a reader: always UTC and always said to be; the reader's own time is told on hover. */

const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;

/** An instant of RFC 3339: `12 November 2016, 14:05 UTC`; seconds only if they are asked for. */
export function instant(text: string, { seconds = false } = {}): string {
  const given = new Date(text);
  if (Number.isNaN(given.getTime())) return text;
  const iso = given.toISOString();
  return `${day(iso.slice(0, 10))}, ${iso.slice(11, seconds ? 19 : 16)} UTC`;
}

/** The same in few letters, for tables and axes: `2016-11-12 14:05`. */
export function short(text: string): string {
  const given = new Date(text);
  return Number.isNaN(given.getTime()) ? text : given.toISOString().slice(0, 16).replace("T", " ");
}

/** The same where the reader is, in the words of their browser. */
export function local(text: string): string {
  const given = new Date(text);
  if (Number.isNaN(given.getTime())) return text;
  return `${given.toLocaleString(undefined, { dateStyle: "full", timeStyle: "long" })}, where you are`;
}

/** An EDTF date or interval; whatever is not of whole days stays as it is written. */
export function day(edtf: string): string {
  const [first, last] = edtf.split("/");
  if (first && last) return DAY.test(first) && DAY.test(last) ? `${day(first)} to ${day(last)}` : edtf;
  const found = DAY.exec(edtf);
  return found ? `${Number(found[3])} ${MONTHS[Number(found[2]) - 1]} ${found[1]}` : edtf;
}

/** What was asked for as a time: nothing, a date, an instant or a position. */
export function asked(given: string | undefined): string {
  if (given === undefined) return "now";
  if (/^\d+$/.test(given)) return `position ${Number(given).toLocaleString("en")}`;
  return given.includes("T") ? instant(given) : day(given);
}

/** An interval whose ends may be open. */
export function span(from: string | null | undefined, to: string | null | undefined): string {
  if (!from && !to) return "at all times";
  if (!from) return `until ${instant(to ?? "")}`;
  return to ? `${instant(from)} to ${instant(to)}` : `from ${instant(from)} on`;
}

/** How long ago, in the largest unit that fits: `3 days`. */
export function age(text: string, now: number = Date.now()): string {
  const seconds = Math.max(0, (now - new Date(text).getTime()) / 1000);
  const units: readonly (readonly [number, string])[] = [
    [86_400 * 365.25, "year"],
    [86_400, "day"],
    [3_600, "hour"],
    [60, "minute"],
  ];
  for (const [length, unit] of units) {
    const count = Math.floor(seconds / length);
    if (count >= 1) return `${count.toLocaleString("en")} ${unit}${count === 1 ? "" : "s"}`;
  }
  return "less than a minute";
}
