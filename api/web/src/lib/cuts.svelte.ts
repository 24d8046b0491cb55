/** The two clocks and the terms that every question is asked under, as the address gives them. */

import { address } from "$lib/address.svelte";

/** The query of whatever is asked about what was known; without `as_of` it is what is known now. */
export type Known = { as_of?: string };
/** The query of whatever is asked about what was believed. */
export type Cut = Known & {
  valid_at?: string;
  tz?: string;
  policy?: string;
  without?: string[];
  projection?: string;
};

function one(name: string): string | undefined {
  return address.query.get(name) ?? undefined;
}

function present<T extends object>(given: T): T {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as T;
}

/** Up to which recording: for claims, sources, places and stories. */
export function known(): Known {
  return present({ as_of: one("as_of") });
}

/** Under which cuts, policy and omissions: for beliefs. */
export function cut(): Cut {
  const without = address.query.getAll("without");
  return present({
    as_of: one("as_of"),
    valid_at: one("valid_at"),
    tz: one("tz"),
    policy: one("policy"),
    projection: one("projection"),
    without: without.length ? without : undefined,
  });
}

/** Whether anything but the present, under the desk's own policy, is asked for. */
export function isSpecial(): boolean {
  return Object.keys(cut()).length > 0;
}
