/** Every code of the rules in an editor's words; those of the sheets and of the command line (services/words.py). */

export const STRENGTHS: Record<string, string> = {
  S1: "hearsay",
  S2: "one-sided",
  S3: "single source",
  S4: "corroborated",
  S5: "conceded",
  S6: "established",
};
export const STRENGTHS_MEAN: Record<string, string> = {
  S1: "only an unnamed speaker said so, and others passed it on",
  S2: "only those said so who gain by it, or whose interest is not known",
  S3: "somebody who does not gain by it said so, alone",
  S4: "at least two independent voices said so, one of them without gain",
  S5: "somebody it hurts granted it",
  S6: "an assessment found physical evidence of it",
};
export const AGREEMENTS: Record<string, string> = {
  unreported: "unreported",
  uncontested: "uncontested",
  contested: "contested",
  retracted: "retracted",
  stale: "stale",
  "not-adjudicated": "not adjudicated",
};
export const AGREEMENTS_MEAN: Record<string, string> = {
  unreported: "nobody has claimed anything on it",
  uncontested: "all who were heard agree",
  contested: "those who were heard contradict each other",
  retracted: "nothing that was claimed stands",
  stale: "nothing that was said holds any longer",
  "not-adjudicated": "opinions are listed and never adjudicated",
};
export const RULES: Record<string, string> = {
  R0: "opinions are listed and never adjudicated",
  R1: "nobody had claimed anything that had begun by then",
  R2: "all that was claimed was taken back, corrected or voided",
  R3: "what was claimed stands, but holds no longer",
  R4: "all who were heard on it say the same",
  R5: "those who were heard contradict each other, so the desk takes no side",
  R5b: "one camp both grants it and contradicts it, so the desk takes no side",
  R6: "somebody who had said otherwise of the same time now grants it",
  R7: "an assessment stands beside what the claims amount to",
};
export const INTERESTS: Record<string, string> = {
  self: "in its own interest",
  adverse: "against its own interest",
  neutral: "no party to it",
  unknown: "interest unknown",
};
export const FLAGS: Record<string, string> = {
  tension: "in tension with another belief",
  "split-bloc": "one camp speaks with two tongues",
  assessed: "assessed by an editor",
  "denied-only": "denied by somebody, asserted by nobody",
  pending: "announced and still due",
  fulfilled: "announced and done",
  lapsed: "announced, and the time is over",
  overtaken: "announced, and overtaken by what came",
};
export const MODALITIES: Record<string, string> = {
  asserted: "as a fact",
  presupposed: "taking it for granted",
  planned: "announcing it",
  predicted: "predicting it",
  conditional: "on a condition",
  opinion: "as an opinion",
};

export type Quantity = { min?: number | null; max?: number | null; unit?: string | null };
/** Gives what a value is called: the name of a source for its slug, any other text as it is. */
export type Called = (value: string) => string;
/** What the words need of a belief, of its short form, or of an outcome of a change. */
export type Outcome = {
  agreement: string;
  strength?: string | null;
  value?: unknown;
  lean?: string | null;
  flags?: readonly string[];
  sides?: unknown;
  last?: unknown;
  opinions?: readonly unknown[];
};

const asTold: Called = (value) => value;

/** The text as a sentence: a capital, and a full stop if it has none. */
export function sentence(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1) + (/[.?!…]$/.test(text) ? "" : ".");
}

/** The parts as a sentence lists them. */
export function listed(parts: readonly string[]): string {
  if (parts.length < 2) return parts.join("");
  const between = parts.some((part) => part.includes(",")) ? "; " : ", ";
  return `${parts.slice(0, -1).join(between)} and ${parts[parts.length - 1]}`;
}

/** The number with its noun. */
export function counted(number: number, one: string, many: string = `${one}s`): string {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}

/** A code of the ledger without its hyphens and underscores. */
export function plain(code: string): string {
  return code.replaceAll("_", " ").replaceAll("-", " ");
}

/** A strength with its word, as in `S3 single source`. */
export function strength(code: unknown): string {
  return code ? `${String(code)} ${STRENGTHS[String(code)] ?? ""}`.trim() : "no strength";
}

/** A value as a reader would say it: text, a quantity, or the denial of a value. */
export function value(given: unknown, called: Called = asTold): string {
  if (typeof given === "object" && given !== null) return quantity(given as Quantity);
  if (given === null || given === undefined) return "no value";
  const text = String(given);
  return text.startsWith("not:") ? `not ${called(text.slice(4))}` : called(text);
}

function quantity(given: Quantity): string {
  const unit = given.unit ? ` ${given.unit}` : "";
  const [low, high] = [given.min ?? null, given.max ?? null].map((end) => end?.toLocaleString("en") ?? null);
  if (low === high) return `${low}${unit}`;
  if (high === null) return `at least ${low}${unit}`;
  return low === null ? `at most ${high}${unit}` : `${low} to ${high}${unit}`;
}

/** A question without its place, as in `strike (Russia)`. */
export function question(asked: { aspect: string; subject?: string | null }, called: Called = asTold): string {
  const aspect = asked.aspect.replaceAll("_", " ");
  return asked.subject ? `${aspect} (${called(asked.subject)})` : aspect;
}

/** The sides that contend with their strengths: the one leant to first, then the stronger ones. */
export function sides(outcome: Outcome): readonly (readonly [name: string, strength: string])[] {
  const given = (outcome.sides ?? {}) as Record<string, { strength: string }>;
  const found = Object.entries(given).map(([name, side]) => [name, side.strength] as const);
  return found.sort(
    ([one, its], [other, others]) =>
      Number(other === outcome.lean) - Number(one === outcome.lean) ||
      others.localeCompare(its) ||
      one.localeCompare(other),
  );
}

/** What is believed, to stand behind a colon. */
export function finding(outcome: Outcome, called: Called = asTold): string {
  switch (outcome.agreement) {
    case "contested":
      return contested(outcome, called);
    case "uncontested":
      return uncontested(outcome, called);
    case "stale": {
      const before = outcome.last ? `; last believed: ${finding(outcome.last as Outcome, called)}` : "";
      return `stale: nothing that was said holds any longer${before}`;
    }
    case "not-adjudicated":
      return outcome.opinions ? `not adjudicated: ${counted(outcome.opinions.length, "opinion")}` : "not adjudicated";
    case "unreported":
      return "unreported: nobody has claimed anything on it";
    case "retracted":
      return "retracted: nothing that was claimed stands";
    default:
      return outcome.agreement;
  }
}

function contested(outcome: Outcome, called: Called): string {
  const told = sides(outcome).map(([name, code]) => `${value(name, called)} (${strength(code)})`);
  if (outcome.lean && told.length > 1) {
    return `contested, leaning to ${told[0]} against ${told.slice(1).join(" and ")}`;
  }
  return told.length ? `contested, leaning to neither: ${told.join(" against ")}` : "contested";
}

function uncontested(outcome: Outcome, called: Called): string {
  if (outcome.value !== null && outcome.value !== undefined) {
    return `${value(outcome.value, called)}, uncontested (${strength(outcome.strength)})`;
  }
  if (outcome.flags?.includes("denied-only")) return "denied, and asserted by nobody";
  const told = sides(outcome).map(([name, code]) => `${value(name, called)} (${strength(code)})`);
  return told.length ? `uncontested, each value by itself: ${listed(told)}` : "uncontested, without a value of its own";
}

/** What is believed in as few words as will do for a cell of a table. */
export function believed(outcome: Outcome, called: Called = asTold): string {
  const those = sides(outcome).map(([name, code]) => [value(name, called), code] as const);
  if (outcome.agreement === "contested")
    return those.map(([name, code]) => `${name} ${code}`).join(" / ") || "contested";
  if (outcome.value !== null && outcome.value !== undefined) return value(outcome.value, called);
  if (outcome.agreement === "uncontested") return those.map(([name]) => name).join(", ") || "several";
  return AGREEMENTS[outcome.agreement] ?? outcome.agreement;
}

/** What became of a belief, to stand behind its question. */
export function turned(before: Outcome, after: Outcome, called: Called = asTold): string {
  const [now, then] = [finding(after, called), finding(before, called)];
  const [was, is] = [before.agreement, after.agreement];
  const gone = ["unreported", "retracted"];
  if (gone.includes(was)) {
    return is === "stale"
      ? "is on record, but nothing that was said of it holds at the time asked of."
      : `is new: ${now}.`;
  }
  if (gone.includes(is)) return `does not stand any more; it is ${now}. It had been ${then}.`;
  if (is === "stale") return `has run out: nothing that was said of it holds any longer. It had been ${then}.`;
  if (was === "contested" && is === "uncontested") return `is settled: ${now}. It had been ${then}.`;
  if (was === "uncontested" && is === "contested") return `is no longer settled, but ${now}. It had been ${then}.`;
  if (was === "contested" && is === "contested") return `is still ${now}. It had been ${then}.`;
  return `${moved(before, after)}: ${now}. It had been ${then}.`;
}

function moved(before: Outcome, after: Outcome): string {
  if (JSON.stringify(before.value ?? null) !== JSON.stringify(after.value ?? null)) return "has turned";
  const [first, last] = [before.strength ?? "", after.strength ?? ""];
  return last > first ? "stands on firmer ground" : last < first ? "stands on weaker ground" : "has changed";
}

/** What an answer says of the event that brought a change about; `type` is `time` if no event did. */
export type Cause = {
  type?: unknown;
  thing?: unknown;
  claim?: unknown;
  source?: unknown;
  key?: unknown;
  reason?: unknown;
};

/** What brought a change about, in a few words. */
export function cause(given: Cause | null | undefined, called: Called = asTold): string {
  if (!given || given.type === "time") return "time alone";
  const kind = String(given.type).split(".")[0] ?? "";
  const name = String(given.thing).split("/")[1] ?? "";
  const claim = String(given.key ?? given.claim ?? "");
  const speaker = given.source ? called(String(given.source)) : "";
  const reason = given.reason ? ` (${String(given.reason)})` : "";
  switch (kind) {
    case "claim-recorded":
      return `claim ${claim}${speaker && ` of ${speaker}`}`;
    case "claim-corrected":
      return `the desk corrected a claim${speaker && ` of ${speaker}`}${reason}`;
    case "claim-withdrawn":
      return `${speaker} took back ${claim}${reason}`;
    case "claim-voided":
      return `${given.key ? `claim ${claim}` : `a claim${speaker && ` of ${speaker}`}`} was voided${reason}`;
    case "relation-asserted":
      return `claim ${claim} was related to another`;
    case "assessment-made":
      return `assessment ${name}`;
    default:
      return `${plain(kind)}: ${name}`;
  }
}

const KINDS: Record<string, string> = { igo: "intergovernmental body", ngo: "non-governmental body" };

/** What a source is, in words. */
export function kind(code: string): string {
  return KINDS[code] ?? plain(code);
}
