/** The proof of a claim, checked step by step in this browser, each step in words. */

import { answer, api, Trouble, type Schemas } from "$lib/api";
import {
  canHash,
  canVerify,
  checkConsistency,
  checkInclusion,
  checkSignature,
  hex,
  leafOf,
  nameOf,
  readKey,
  readNote,
  unBase64,
  Wrong,
  type Key,
  type Leaf,
  type Note,
} from "$lib/proof";
import { instant } from "$lib/times";
import { counted } from "$lib/words";
import { keep, kept, type Kept } from "./kept";
import { statementOf, type Claim } from "./words";

export type Step = { verdict: "sound" | "wrong" | "unchecked"; name: string; said: string; hash?: string };
/** `note` is the checkpoint to keep; null where nothing is signed yet that holds the claim. */
export type Proven = { steps: readonly Step[]; note: string | null; size: number; key: string; said?: string };

export const SIGNATURE = "The signature";

type Proof = Schemas["InclusionProof"];
type Told = Record<string, unknown>;

const NONE: Proven = { steps: [], note: null, size: 0, key: "" };
/** What of a claim stands in its entry as it is shown; texts stand there by their hash. */
const MEMBERS = [
  "question",
  "value",
  "quantity",
  "facets",
  "polarity",
  "modality",
  "hedged",
  "chain",
  "basis",
  "tz",
  "valid",
  "stated",
  "published",
  "relations",
  "story",
  "tags",
] as const;
const NAMES: Record<string, string> = {
  "claim-recorded.v1": "The record",
  "claim-corrected.v1": "The correction",
  "claim-withdrawn.v1": "The withdrawal",
  "claim-voided.v1": "The voiding",
  "relation-asserted.v1": "A relation seen later",
};

/** Fetch the proof and check it against the key that is trusted, or else the service's own. */
export async function prove(claim: Claim, trusted: string, signal: AbortSignal): Promise<Proven> {
  const list = await answer(api.GET("/v1/checkpoints", { params: { query: { limit: 1 } }, signal }));
  if (!list.key || list.checkpoints.length === 0)
    return { ...NONE, said: "Nothing has been signed in this ledger yet." };
  const newest = await answer(
    api.GET("/v1/checkpoints/{checkpoint}", { params: { path: { checkpoint: "newest" } }, signal }),
  );
  if (newest.size < claim.position) {
    const said = `The newest checkpoint covers ${counted(newest.size, "entry", "entries")}; this claim is at position ${claim.position}, and the next one will cover it.`;
    return { ...NONE, key: list.key, said };
  }
  const proof = await answer(api.GET("/v1/claims/{claim}/proof", { params: { path: { claim: claim.id } }, signal }));
  const key = trusted.trim() || list.key;
  if (!canHash()) {
    const said = "This browser checks nothing on a page that came without https. The file below checks it anywhere.";
    return { ...NONE, note: proof.checkpoint, size: newest.size, key, said };
  }
  const steps = await checked(claim, proof, { text: key, isGiven: trusted.trim() !== "" });
  return { steps, note: proof.checkpoint, size: newest.size, key };
}

/** A key that the reader gave counts for more than the one that this browser has seen before. */
type Trusted = { text: string; isGiven: boolean };

async function checked(claim: Claim, proof: Proof, trusted: Trusted): Promise<readonly Step[]> {
  const steps: Step[] = [];
  let note: Note;
  try {
    note = readNote(proof.checkpoint);
  } catch (error) {
    return [wrong("The checkpoint", error)];
  }
  for (const entry of proof.entries) {
    const found = await step(`Entry ${entry.position.toLocaleString("en")}`, async () => leafOf(entry.event));
    if ("verdict" in found) {
      steps.push(found);
      continue;
    }
    steps.push(...(await ofEntry(claim, entry, found, note)));
  }
  steps.push(await ofSignature(note, trusted.text));
  if (steps.some((one) => one.verdict !== "sound")) return steps;
  const before = kept();
  if (before) steps.push(await ofHistory(before, note, trusted));
  if (steps.every((one) => one.verdict !== "wrong")) keep({ key: trusted.text, note: proof.checkpoint });
  return steps;
}

async function ofEntry(
  claim: Claim,
  entry: Proof["entries"][number],
  leaf: Leaf,
  note: Note,
): Promise<readonly Step[]> {
  const event = leaf.event as Told;
  const name = NAMES[String(event["type"])] ?? "The entry";
  const body = bodyOf(event, claim.id);
  const steps: Step[] = [];
  if (body) steps.push(await step("What is shown", () => ofWords(claim, body, leaf)));
  else if (!JSON.stringify(event).includes(claim.id)) {
    steps.push(wrong(name, new Wrong("the entry is one of another claim")));
  }
  const inTree = await step(name, async () => {
    if (leaf.position !== entry.position) throw new Wrong("the entry is one of another position");
    await checkInclusion(note, leaf.position, leaf.hash, entry.path.map(unBase64));
    const steps = counted(entry.path.length, "neighbour");
    return sound(
      name,
      `Position ${leaf.position.toLocaleString("en")}, recorded ${instant(leaf.recorded, { seconds: true })}: this entry's hash leads, by ${steps}, to the root of the tree of ${counted(note.size, "entry", "entries")}.`,
      hex(leaf.hash),
    );
  });
  steps.push(inTree);
  return steps;
}

/** Do the claim's own members, and the hash of its words, stand in the entry as they are shown on this page? */
async function ofWords(claim: Claim, body: Told, leaf: Leaf): Promise<Step> {
  for (const member of MEMBERS) {
    if (written(claim[member]) !== written(body[member]))
      throw new Wrong(`its ${member} is shown otherwise than recorded`);
  }
  if ((claim.recorded_by ?? null) !== leaf.by) throw new Wrong("somebody else recorded it than is shown");
  const words = statementOf(claim);
  const named = (body["statement"] as { sha256?: string } | undefined)?.sha256;
  if (words === null)
    return sound("What is shown", "All that is shown above stands so in the entry; the words are gone.");
  const hash = await nameOf(words);
  if (hash !== named) throw new Wrong("the statement shown is not the one that was recorded");
  return sound(
    "What is shown",
    "All that is shown above stands so in the entry, and the statement has the hash that it names.",
    hash,
  );
}

async function ofSignature(note: Note, trusted: string): Promise<Step> {
  const name = SIGNATURE;
  if (!(await canVerify())) {
    const said = `The checkpoint says that ${note.name} signed it, but this browser cannot check Ed25519 signatures. Another browser can, or the file below.`;
    return { verdict: "unchecked", name, said };
  }
  const found = await step(name, async () => {
    const key: Key = await readKey(trusted);
    await checkSignature(note, key);
    return sound(
      name,
      `The root of these ${counted(note.size, "entry", "entries")} is signed by ${note.name} with the key ${key.id}.`,
      hex(note.root),
    );
  });
  return found;
}

/** Does what is signed now continue what this browser has seen signed before? */
async function ofHistory(before: Kept, note: Note, trusted: Trusted): Promise<Step> {
  const name = "The history";
  const found = await step(name, async () => {
    const old = readNote(before.note);
    if (old.name !== note.name) {
      const said = `This browser has seen another ledger at this address before: ${old.name}. Ask whoever runs it.`;
      return { verdict: "unchecked" as const, name, said };
    }
    if (before.key !== trusted.text && !trusted.isGiven) {
      throw new Wrong(
        "this browser saw this ledger signed with another key; if you were told of a new one, put it below",
      );
    }
    const [first, last] = old.size <= note.size ? [old, note] : [note, old];
    await checkConsistency(first, last, await bridge(first.size, last.size));
    const seen = `It is one history with the ${counted(old.size, "entry", "entries")} that this browser saw signed before`;
    return sound(name, `${seen}: nothing of them was changed or left out.`);
  });
  return found;
}

/** The path from one checkpoint to a later one; none is needed from a checkpoint to itself. */
async function bridge(from: number, to: number) {
  if (from === to) return [];
  const params = { path: { checkpoint: String(to) }, query: { from } };
  const proof = await answer(api.GET("/v1/checkpoints/{checkpoint}/consistency", { params }));
  return proof.path.map(unBase64);
}

/** The claim as an event brings it: what was recorded, or what a correction wrote in place of another one. */
function bodyOf(event: Told, id: string): Told | null {
  for (const one of [event["claim"], event["replacement"]]) {
    if (typeof one === "object" && one !== null && (one as Told)["id"] === id) return one as Told;
  }
  return null;
}

function sound(name: string, said: string, hash?: string): Step {
  return hash === undefined ? { verdict: "sound", name, said } : { verdict: "sound", name, said, hash };
}

function wrong(name: string, error: unknown): Step {
  return { verdict: "wrong", name, said: `${error instanceof Error ? error.message : String(error)}.` };
}

async function step<T>(name: string, check: () => Promise<T>): Promise<T | Step> {
  try {
    return await check();
  } catch (error) {
    // A service that is away for a moment proves nothing, and nothing against it.
    if (error instanceof Trouble && error.again !== null) throw error;
    return wrong(name, error);
  }
}

/** JSON with members in order and without what is absent or empty, so that two ways to say nothing are the same. */
function written(given: unknown): string {
  if (Array.isArray(given)) return `[${given.map(written).join()}]`;
  if (typeof given !== "object" || given === null) return JSON.stringify(given ?? null);
  const members = Object.entries(given).filter(([, value]) => value !== null && value !== undefined);
  return `{${members
    .map(([name, value]) => `${JSON.stringify(name)}:${written(value)}`)
    .sort()
    .join()}}`;
}
