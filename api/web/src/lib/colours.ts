/**
 * Each value has a colour and a shape, so that nobody has to tell colours apart. Both follow from the value itself, so
 * that a side looks the same on every screen and on every day.
 */

export type Ink = {
  /** A variable of styles.css, which has a tone for light and one for dark. */
  colour: string;
  /** The outline, in a square from -8 to 8, as the `d` of an SVG path. */
  shape: string;
  /** What the shape is called, for who cannot see it. */
  name: string;
};

const COLOURS = 8;

/** Outlines of about equal area. */
export const SHAPES: Record<string, string> = {
  circle: "M-6.5,0a6.5,6.5 0 1,0 13,0a6.5,6.5 0 1,0 -13,0Z",
  square: "M-5.8,-5.8H5.8V5.8H-5.8Z",
  triangle: "M0,-7.2L7.2,5.6H-7.2Z",
  diamond: "M0,-7.8L7.8,0L0,7.8L-7.8,0Z",
  pentagon: "M0,-7.2L7,-2.2L4.3,6H-4.3L-7,-2.2Z",
  cross: "M-2.6,-7H2.6V-2.6H7V2.6H2.6V7H-2.6V2.6H-7V-2.6H-2.6Z",
  inverted: "M0,7.2L7.2,-5.6H-7.2Z",
};
const NAMES = Object.keys(SHAPES);

/** What has no value: nobody spoke, or nothing stands. */
export const UNKNOWN: Ink = { colour: "var(--unknown)", shape: SHAPES["circle"] ?? "", name: "circle" };

/** The inks of values that are shown together; no two have both colour and shape in common, up to 56 of them. */
export function inks(values: Iterable<string>): Map<string, Ink> {
  const taken = new Set<number>();
  const given = new Map<string, Ink>();
  for (const value of [...new Set(values)].sort()) {
    let slot = hashed(value) % (COLOURS * NAMES.length);
    // Another colour and another shape than its neighbour's.
    while (taken.has(slot) && taken.size < COLOURS * NAMES.length)
      slot = (slot + COLOURS + 1) % (COLOURS * NAMES.length);
    taken.add(slot);
    given.set(value, inkAt(slot));
  }
  return given;
}

/** The ink of one value by itself. */
export function ink(value: string | null | undefined): Ink {
  return value === null || value === undefined ? UNKNOWN : inkAt(hashed(value) % (COLOURS * NAMES.length));
}

function inkAt(slot: number): Ink {
  const name = NAMES[Math.floor(slot / COLOURS)] ?? "circle";
  return { colour: `var(--ink-${(slot % COLOURS) + 1})`, shape: SHAPES[name] ?? "", name };
}

/** FNV-1a, 32 bits: small, and the same everywhere. */
function hashed(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

/** The text by which a value is known, whether it is a word or a quantity. */
export function keyOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === "string" ? value : JSON.stringify(value);
}
