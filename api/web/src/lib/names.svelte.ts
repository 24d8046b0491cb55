/** What places, sources, stories and values are called. Lists are read once, when the first name is wanted. */

import { SvelteMap, SvelteSet } from "svelte/reactivity";

import { answer, api } from "$lib/api";

const PAGE = 1000;
/** Of a larger register, only so many are read at once; whoever is missing is asked for one by one. */
const MOST = 5000;

type Kind = "source" | "location" | "story";
type Row = {
  slug: string;
  name?: string;
  names?: readonly string[];
  title?: string;
  confidential?: boolean | null;
};

class Register {
  #names = new SvelteMap<string, string>();
  #protected = new SvelteSet<string>();
  #wanted = new Set<string>();
  #listing: Promise<boolean> | null = null;

  constructor(
    readonly page: (after: string | undefined) => Promise<{ rows: readonly Row[]; next: string | null }>,
    readonly single: (slug: string) => Promise<Row>,
  ) {}

  /** The name, or the slug until it is known. */
  of(slug: string): string {
    const known = this.#names.get(slug);
    if (known === undefined) this.#want(slug);
    return known ?? slug;
  }

  /** The name of what is named so for certain; undefined for a slug that is not in the register (yet). */
  known(slug: string): string | undefined {
    if (!this.#names.has(slug)) this.#want(slug);
    return this.#names.get(slug);
  }

  /** Whether the name is what everybody may call somebody who is protected. */
  isProtected(slug: string): boolean {
    if (!this.#names.has(slug)) this.#want(slug);
    return this.#protected.has(slug);
  }

  /** Take note of a name that came with another answer. */
  learn(row: Row): void {
    const name = row.name ?? row.names?.[0] ?? row.title;
    if (name && this.#names.get(row.slug) !== name) this.#names.set(row.slug, name);
    if (row.confidential) this.#protected.add(row.slug);
  }

  #want(slug: string): void {
    if (this.#wanted.has(slug)) return;
    this.#wanted.add(slug);
    this.#listing ??= this.#list();
    void this.#listing.then((whole) => {
      if (whole || this.#names.has(slug)) return;
      this.single(slug).then(
        (row) => this.learn(row),
        () => undefined, // A value that is nobody's name, or a service that is away: the slug does.
      );
    });
  }

  async #list(): Promise<boolean> {
    let after: string | undefined;
    try {
      for (let read = 0; read < MOST; read += PAGE) {
        const { rows, next } = await this.page(after);
        for (const row of rows) this.learn(row);
        if (next === null) return true;
        after = next;
      }
    } catch {
      this.#listing = null;
    }
    return false;
  }
}

const REGISTERS: Record<Kind, Register> = {
  source: new Register(
    (after) => paged("/v1/sources", "sources", after),
    (slug) => answer(api.GET("/v1/sources/{source}", { params: { path: { source: slug } } })),
  ),
  location: new Register(
    (after) => paged("/v1/locations", "locations", after),
    (slug) => answer(api.GET("/v1/locations/{location}", { params: { path: { location: slug } } })),
  ),
  story: new Register(
    (after) => paged("/v1/stories", "stories", after),
    (slug) => answer(api.GET("/v1/stories/{story}", { params: { path: { story: slug } } })),
  ),
};

async function paged(path: "/v1/sources" | "/v1/locations" | "/v1/stories", rows: string, after: string | undefined) {
  const call = await api.GET(path, { params: { query: { limit: PAGE, after } } });
  const body = (await answer(Promise.resolve(call))) as unknown as Record<string, readonly Row[]>;
  return { rows: body[rows] ?? [], next: nextOf(call.response) };
}

/** The cursor of the next page, which the `Link` header names (RFC 8288); null on the last. */
export function nextOf(response: Response): string | null {
  const found = /<([^>]*)>;\s*rel="next"/.exec(response.headers.get("Link") ?? "");
  return found?.[1] ? new URL(found[1], location.href).searchParams.get("after") : null;
}

/** What a place is called. */
export function placeName(slug: string): string {
  return REGISTERS.location.of(slug);
}

/** What a source is called. */
export function sourceName(slug: string): string {
  return REGISTERS.source.of(slug);
}

/** Whether the name of a source is not its own, but what everybody may call it. */
export function isProtected(slug: string): boolean {
  return REGISTERS.source.isProtected(slug);
}

/** What a story is called. */
export function storyName(slug: string): string {
  return REGISTERS.story.of(slug);
}

/** What a value or a subject is called: the name of a source for its slug, any other text as it is. */
export function called(value: string): string {
  return REGISTERS.source.known(value) ?? value;
}

/** Take note of a name that came with another answer. */
export function learn(kind: Kind, row: Row): void {
  REGISTERS[kind].learn(row);
}
