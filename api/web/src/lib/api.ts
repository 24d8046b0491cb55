/** The calls of the HTTP API, typed by its own OpenAPI document, and what it says when it cannot answer. */

import createClient, { type Middleware } from "openapi-fetch";

import { BASE } from "$lib/base";
import { ledger } from "$lib/ledger.svelte";
import type { components, paths } from "$lib/schema";

export type Schemas = components["schemas"];
export type Problem = Pick<Schemas["Problem"], "type" | "title" | "status" | "detail"> & {
  errors: readonly ProblemError[];
};
export type ProblemError = { pointer?: string; parameter?: string; header?: string; said?: string; expected?: string };

/** The service did not give the answer asked for; `problem` says what was wrong, where, and what was expected. */
export class Trouble extends Error {
  constructor(
    readonly problem: Problem,
    /** Seconds after which to ask again, if the service thinks that it will be able to answer then. */
    readonly again: number | null = null,
  ) {
    super(problem.detail ?? problem.title);
  }

  get status(): number {
    return this.problem.status;
  }
}

/** Nobody answers at all. */
export const UNREACHABLE: Problem = {
  type: "/problems/unreachable",
  title: "The service does not answer.",
  status: 0,
  detail: "It may be starting anew, or the connection is gone. What you see is what it said last.",
  errors: [],
};

const keepsPosition: Middleware = {
  onRequest({ request }) {
    if (request.method === "GET" && ledger.needed > 0) request.headers.set("Ledger-Position", String(ledger.needed));
  },
  onResponse({ response }) {
    ledger.saw(response.headers.get("Ledger-Position"));
    // A view that has stopped does not take the pages with it: the next time they take what there is.
    if (response.status === 503) ledger.needed = 0;
  },
};

export const api = createClient<paths, "application/json">({
  baseUrl: BASE,
  // Lists are repeated parameters; commas and colons stay, so that the call can be read.
  querySerializer: { array: { style: "form", explode: true } },
});
api.use(keepsPosition);

/** What a call of `api` comes to: its body, or Trouble. */
export async function answer<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  let told;
  try {
    told = await call;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Trouble(UNREACHABLE, 3);
  }
  if (told.response.ok) return told.data as T;
  throw trouble(told.error, told.response);
}

/** What an answer that is not `ok` says. */
export function trouble(body: unknown, response: Response): Trouble {
  const retry = Number(response.headers.get("Retry-After"));
  const again = Number.isFinite(retry) && retry > 0 ? retry : response.status >= 500 ? 5 : null;
  // Only what is wrong in several places, or at one, has `errors`.
  return new Trouble(
    isProblem(body) ? { ...body, errors: body.errors ?? [] } : { ...UNREACHABLE, status: response.status },
    again,
  );
}

function isProblem(body: unknown): body is Omit<Problem, "errors"> & Partial<Pick<Problem, "errors">> {
  return typeof body === "object" && body !== null && "title" in body && "status" in body;
}
