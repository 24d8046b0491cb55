/**
 * What of an outcome is drawn, on the map as in the list: solid ink is believed, an outline is claimed and not believed.
 * Colour and shape are the value's; firmer beliefs are larger, and what was conceded has a second contour.
 */

import { keyOf, UNKNOWN, type Ink } from "$lib/colours";
import { sides, type Outcome } from "$lib/words";

/** A path in a square from -8 to 8; `half` cuts it at its middle. */
export type Stroke = {
  d: string;
  colour: string;
  solid: boolean;
  width: number;
  dash?: readonly number[];
  scale: number;
  half?: "left" | "right";
};

const SIZES: Record<string, number> = { S1: 0.62, S2: 0.74, S3: 0.86, S4: 1, S5: 0.7, S6: 0.6 };

/** Every value that outcomes speak of, believed or not. */
export function valuesOf(outcomes: Iterable<Outcome>): Set<string> {
  const found = new Set<string>();
  for (const outcome of outcomes) {
    const value = keyOf(outcome.value);
    if (value !== null) found.add(value);
    for (const [name] of sides(outcome)) found.add(asserted(name));
  }
  return found;
}

/** The value that a side is about, which for a denial is the one denied. */
export function asserted(side: string): string {
  return side.startsWith("not:") ? side.slice(4) : side;
}

/** The strokes of an outcome, the lowest first; nothing is drawn of what nobody spoke of. */
export function strokes(outcome: Outcome, inks: ReadonlyMap<string, Ink>): readonly Stroke[] {
  switch (outcome.agreement) {
    case "uncontested":
      return believed(outcome, inks);
    case "contested":
      return contested(outcome, inks);
    case "stale":
      return [{ ...outline(UNKNOWN), dash: [2.6, 2.4], scale: 0.8 }];
    case "retracted":
      return [{ ...outline(UNKNOWN), scale: 0.5 }];
    default:
      return [];
  }
}

function believed(outcome: Outcome, inks: ReadonlyMap<string, Ink>): readonly Stroke[] {
  const value = keyOf(outcome.value);
  if (value === null) return several(outcome, inks);
  const ink = inks.get(value) ?? UNKNOWN;
  const solid = { ...outline(ink), solid: true, scale: SIZES[outcome.strength ?? ""] ?? 0.8 };
  const contours = outcome.strength === "S6" ? [1.45, 1.02] : outcome.strength === "S5" ? [1.15] : [];
  return [...contours.map((scale) => ({ ...outline(ink), width: 1.4, scale })), solid];
}

/** Values that do not exclude each other: the strongest two, each believed; or a denial of what nobody asserts. */
function several(outcome: Outcome, inks: ReadonlyMap<string, Ink>): readonly Stroke[] {
  const those = sides(outcome).slice(0, 2);
  if (those.length === 0) return [{ ...outline(UNKNOWN), scale: 0.8 }];
  return those.map(([name], number) => ({
    ...outline(inks.get(asserted(name)) ?? UNKNOWN),
    solid: true,
    half: those.length === 1 ? undefined : number === 0 ? ("left" as const) : ("right" as const),
  }));
}

/** The two strongest sides, half and half, in outline; the one that belief leans to has the heavier line. */
function contested(outcome: Outcome, inks: ReadonlyMap<string, Ink>): readonly Stroke[] {
  const those = sides(outcome).slice(0, 2);
  return those.map(([name], number) => ({
    ...outline(inks.get(asserted(name)) ?? UNKNOWN),
    width: outcome.lean === name ? 3.6 : 1.9,
    scale: 1.08,
    dash: name.startsWith("not:") ? [2, 2] : undefined,
    half: those.length === 1 ? undefined : number === 0 ? "left" : "right",
  }));
}

function outline(ink: Ink): Stroke {
  return { d: ink.shape, colour: ink.colour, solid: false, width: 1.8, scale: 1 };
}
