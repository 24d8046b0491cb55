/** The one table of screens: which address shows what. */

import type { Component } from "svelte";

type Parameters = Record<string, string>;
type Screen = Component<{ given: Parameters }>;
type Entry = { path: string; load: () => Promise<{ default: Screen }> };

/** `:name` is one part of the path. The first that fits is shown. */
export const SCREENS: readonly Entry[] = [
  { path: "/", load: () => import("./screens/Front.svelte") },
  { path: "/map", load: () => import("./screens/Map.svelte") },
  { path: "/places", load: () => import("./screens/Places.svelte") },
  { path: "/places/:slug", load: () => import("./screens/Place.svelte") },
  { path: "/places/:slug/:aspect", load: () => import("./screens/Question.svelte") },
  { path: "/places/:slug/:aspect/:subject", load: () => import("./screens/Question.svelte") },
  { path: "/sources", load: () => import("./screens/Sources.svelte") },
  { path: "/sources/:slug", load: () => import("./screens/Source.svelte") },
  { path: "/claims", load: () => import("./screens/Claims.svelte") },
  { path: "/claims/:id", load: () => import("./screens/Claim.svelte") },
  { path: "/stories/:slug", load: () => import("./screens/Story.svelte") },
  { path: "/stories/:slug/diff", load: () => import("./screens/Diff.svelte") },
  { path: "/stories/:slug/editions/:number", load: () => import("./screens/Edition.svelte") },
  { path: "/contested", load: () => import("./screens/Contested.svelte") },
  { path: "/engine", load: () => import("./screens/Engine.svelte") },
  { path: "/record", load: () => import("./screens/Record.svelte") },
];

export type Found = { entry: Entry; given: Parameters };

/** The screen of a path with the parts that it names, decoded; null if there is none. */
export function screenAt(path: string): Found | null {
  const parts = path.split("/").filter(Boolean);
  for (const entry of SCREENS) {
    const given = fit(entry.path.split("/").filter(Boolean), parts);
    if (given) return { entry, given };
  }
  return null;
}

function fit(pattern: readonly string[], parts: readonly string[]): Parameters | null {
  if (pattern.length !== parts.length) return null;
  const given: Parameters = {};
  for (const [index, wanted] of pattern.entries()) {
    const part = parts[index] ?? "";
    if (wanted.startsWith(":")) given[wanted.slice(1)] = decoded(part);
    else if (wanted !== part) return null;
  }
  return given;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // A broken escape: the API will say that there is nothing of that name.
  }
}
