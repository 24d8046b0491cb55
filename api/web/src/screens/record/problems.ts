/** Where the service found something wrong is where it is told: a JSON pointer into the claim is a field of the form. */

import type { Problem, ProblemError } from "$lib/api";

/** The parts of a claim that have a field; a problem elsewhere is told above the button. */
const FIELDS: readonly string[] = [
  "/question/location",
  "/question/aspect",
  "/question/subject",
  "/value",
  "/quantity",
  "/facets",
  "/polarity",
  "/modality",
  "/hedged",
  "/basis",
  "/chain",
  "/tz",
  "/valid",
  "/stated",
  "/published",
  "/statement",
  "/quote",
  "/text",
  "/story",
  "/tags",
];

/** The first error at this pointer or below it. */
export function errorAt(problem: Problem | null, pointer: string): ProblemError | null {
  return problem?.errors.find((one) => isWithin(one.pointer ?? "", pointer)) ?? null;
}

/** What is wrong in a sentence, with what was expected. */
export function told(error: ProblemError): string {
  const said = error.said ?? "this cannot be taken";
  return error.expected ? `${said}; expected: ${error.expected}` : said;
}

/** The problem, if it is told at no field: one about the whole claim, or of a service that is away. */
export function elsewhere(problem: Problem | null): Problem | null {
  if (problem === null) return null;
  const left = problem.errors.filter((one) => !FIELDS.some((field) => isWithin(one.pointer ?? "", field)));
  return left.length || !problem.errors.length ? { ...problem, errors: left } : null;
}

function isWithin(pointer: string, field: string): boolean {
  return pointer === field || pointer.startsWith(`${field}/`);
}
