/**
 * The address is the state of the pages: what is shown follows from it, and whatever an editor does that is worth
 * sending to a colleague changes it. The names of its query are those of the API.
 */

import { at, below } from "$lib/base";

/** What every screen is asked under, and what a link therefore carries along. */
export const COMMON = ["valid_at", "as_of", "tz", "policy", "without", "projection"] as const;

/** New values of the query; null or an empty list takes a name out. */
export type Changes = Record<string, string | number | readonly string[] | null | undefined>;

class Address {
  #url = $state.raw(new URL(location.href));

  constructor() {
    addEventListener("popstate", () => (this.#url = new URL(location.href)));
  }

  /** The path at this desk. */
  get path(): string {
    return below(this.#url.pathname) ?? this.#url.pathname;
  }

  /** The query as it stands; read it with `get` and `getAll`. */
  get query(): URLSearchParams {
    return this.#url.searchParams;
  }

  /** The whole address, for whoever wants to send it on. */
  get whole(): string {
    return this.#url.href;
  }

  /** Go to another address of this desk, as `to` and `here` write it; `replace` leaves no trace in the history of the browser (a slider that moves). */
  go(to: string, { replace = false }: { replace?: boolean } = {}): void {
    const next = new URL(to, this.#url);
    if (next.href === this.#url.href) return;
    if (replace) history.replaceState(null, "", next);
    else history.pushState(null, "", next);
    this.#url = next;
  }

  /** Stay on this screen with another query. */
  change(changes: Changes, how: { replace?: boolean } = {}): void {
    this.go(this.here(changes), how);
  }

  /** The address of this screen with another query; everything else of the query stays. */
  here(changes: Changes): string {
    return written(this.#url.pathname, changed(new URLSearchParams(this.#url.searchParams), changes));
  }

  /** The address of another screen, under the same cuts and policy as this one. */
  to(path: string, changes: Changes = {}): string {
    const kept = new URLSearchParams();
    for (const name of COMMON) for (const value of this.#url.searchParams.getAll(name)) kept.append(name, value);
    return written(at(path), changed(kept, changes));
  }
}

function changed(query: URLSearchParams, changes: Changes): URLSearchParams {
  for (const [name, value] of Object.entries(changes)) {
    query.delete(name);
    if (value === null || value === undefined || value === "") continue;
    for (const one of Array.isArray(value) ? (value as readonly string[]) : [String(value)]) query.append(name, one);
  }
  return query;
}

function written(path: string, query: URLSearchParams): string {
  // Colons, commas and slashes are allowed in a query, and instants are easier to read with them.
  const told = query.toString().replaceAll("%3A", ":").replaceAll("%2C", ",").replaceAll("%2F", "/");
  return told ? `${path}?${told}` : path;
}

export const address = new Address();

/** The path of what has a name: `pathOf("places", "minian", "control")`. */
export function pathOf(...parts: readonly (string | null | undefined)[]): string {
  return parts
    .filter((part): part is string => part !== null && part !== undefined)
    .reduce((path, part) => `${path}/${encodeURIComponent(part)}`, "");
}
