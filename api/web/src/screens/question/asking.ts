/** The calls that a question's page is made of; a question with a subject has addresses of its own. */

import { answer, api, type Schemas } from "$lib/api";
import type { Cut } from "$lib/cuts.svelte";

export type Question = { location: string; aspect: string; subject?: string };
export type Axis = "valid" | "recorded";
export type Belief = Schemas["BeliefShown"];
export type Word = Schemas["Word"];
export type Words = Schemas["WordsOnQuestion"];
export type History = Schemas["History"];

export function askBelief(of: Question, query: Cut, signal: AbortSignal): Promise<Belief> {
  const { location, aspect, subject } = of;
  if (subject === undefined) {
    const params = { path: { location, aspect }, query };
    return answer(api.GET("/v1/locations/{location}/beliefs/{aspect}", { params, signal }));
  }
  const params = { path: { location, aspect, subject }, query };
  return answer(api.GET("/v1/locations/{location}/beliefs/{aspect}/{subject}", { params, signal }));
}

export function askWords(of: Question, query: Cut, signal: AbortSignal): Promise<Words> {
  const { location, aspect, subject } = of;
  if (subject === undefined) {
    const params = { path: { location, aspect }, query };
    return answer(api.GET("/v1/locations/{location}/beliefs/{aspect}/words", { params, signal }));
  }
  const params = { path: { location, aspect, subject }, query };
  return answer(api.GET("/v1/locations/{location}/beliefs/{aspect}/{subject}/words", { params, signal }));
}

export function askHistory(of: Question, axis: Axis, cut: Cut, signal: AbortSignal): Promise<History> {
  const { location, aspect, subject } = of;
  const query = { ...cut, axis };
  if (subject === undefined) {
    const params = { path: { location, aspect }, query };
    return answer(api.GET("/v1/locations/{location}/beliefs/{aspect}/history", { params, signal }));
  }
  const params = { path: { location, aspect, subject }, query };
  return answer(api.GET("/v1/locations/{location}/beliefs/{aspect}/{subject}/history", { params, signal }));
}

/**
 * An axis shows the whole of its own time, cut on the other clock alone: along the ledger everything that was ever
 * recorded of one instant, along the time spoken of all instants as they were known.
 */
export function cutAlong(axis: Axis, cut: Cut): Cut {
  const { as_of: known, ...rest } = cut;
  return axis === "recorded" || known === undefined ? rest : { ...rest, as_of: known };
}
