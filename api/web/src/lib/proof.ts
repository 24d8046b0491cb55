/**
 * The rules by which a proof is checked, in the reader's own browser: those of domain/proof/verifier.py, by which anybody
 * checks the same without us. Hashes and signatures are the browser's (Web Crypto); nothing here asks the service.
 */

/** Something is not what it says it is; the text says what. */
export class Wrong extends Error {}

/** Who signs: the name of the log, the key's id in hexadecimal, and the Ed25519 key. */
export type Key = { name: string; id: string; bytes: Uint8Array<ArrayBuffer>; text: string };
/** What was signed: how many entries the log had, and the root of their tree. */
export type Checkpoint = { size: number; root: Bytes };
/** A checkpoint as a note: what it says, its text, and the signatures of that text under the name of the log. */
export type Note = Checkpoint & { name: string; text: Bytes; signatures: readonly { id: string; bytes: Bytes }[] };
/** An event of the ledger as it is in the log: its line, its place, and the hash of its entry. */
/** An event as it stands in the log; `by` is who recorded it, null where that was not noted. */
export type Leaf = {
  position: number;
  recorded: string;
  by: string | null;
  lineHash: string;
  hash: Bytes;
  event: unknown;
};

type Bytes = Uint8Array<ArrayBuffer>;

const LINE = /^\{"position":([1-9][0-9]*),"name":"[a-z0-9.-]+","recorded":"([0-9TZ:.+-]+)",.*\}$/s;
const SIGNATURE = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/]+=*)$/;
const ED25519 = 1;

/** Whether this browser has what checking needs; a page that came without https from another machine has not. */
export function canHash(): boolean {
  return typeof globalThis.crypto?.subtle?.digest === "function";
}

/** Whether it can check Ed25519 signatures. */
export async function canVerify(): Promise<boolean> {
  if (!canHash()) return false;
  try {
    await crypto.subtle.importKey("raw", new Uint8Array(32), "Ed25519", false, ["verify"]);
    return true;
  } catch (error) {
    // Some browsers refuse the all-zero key, and have the algorithm all the same.
    return !(error instanceof DOMException && error.name === "NotSupportedError");
  }
}

export async function sha256(...parts: readonly Bytes[]): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", joined(parts)));
}

/** The SHA-256 of a text's UTF-8 bytes, as the ledger names texts. */
export async function nameOf(text: string): Promise<string> {
  return hex(await sha256(bytes(text)));
}

const leafHash = (entry: Bytes) => sha256(Uint8Array.of(0), entry);
/** The hash of two neighbours (RFC 6962, section 2.1). */
const nodeHash = (left: Bytes, right: Bytes) => sha256(Uint8Array.of(1), left, right);

/** The leaf of an event's line: its entry is a version, the position, the instant, and the SHA-256 of the line. */
export async function leafOf(line: string): Promise<Leaf> {
  const found = LINE.exec(line);
  if (!found) throw new Wrong("it is no event in the form that an export of events has");
  const [, position = "", recorded = ""] = found;
  const lineHash = await nameOf(line);
  const hash = await leafHash(bytes(`onrecord.event/1\n${position}\n${recorded}\n${lineHash}\n`));
  const told = JSON.parse(line) as { by?: string; event: unknown };
  return { position: Number(position), recorded, by: told.by ?? null, lineHash, hash, event: told.event };
}

/** Each hash of a path upwards from a node, and whether it stands to the left (RFC 9162, 2.1.3.2). */
function steps(at: number, last: number, path: readonly Bytes[]): readonly (readonly [Bytes, boolean])[] {
  const found: [Bytes, boolean][] = [];
  for (const one of path) {
    if (last === 0) throw new Wrong("the path of the proof is too long");
    const isLeft = at % 2 === 1 || at === last;
    found.push([one, isLeft]);
    while (isLeft && at > 0 && at % 2 === 0) [at, last] = [half(at), half(last)];
    [at, last] = [half(at), half(last)];
  }
  if (last) throw new Wrong("the path of the proof is too short");
  return found;
}

/** Do nothing if the leaf is in the tree at its position; else throw Wrong. */
export async function checkInclusion(
  signed: Checkpoint,
  position: number,
  leaf: Bytes,
  path: readonly Bytes[],
): Promise<void> {
  if (!(position >= 1 && position <= signed.size)) {
    throw new Wrong(`position ${position} is not among the ${signed.size} that were signed`);
  }
  let hash = leaf;
  for (const [one, isLeft] of steps(position - 1, signed.size - 1, path)) {
    hash = isLeft ? await nodeHash(one, hash) : await nodeHash(hash, one);
  }
  if (!same(hash, signed.root)) throw new Wrong(`the event at position ${position} is not what was signed`);
}

/** Do nothing if the new tree continues the old one; else throw Wrong (RFC 9162, 2.1.4.2). */
export async function checkConsistency(old: Checkpoint, now: Checkpoint, path: readonly Bytes[]): Promise<void> {
  const broken = new Wrong(
    `the ${now.size} entries do not continue the ${old.size} signed before: history was changed`,
  );
  if (old.size === 0 || old.size === now.size) {
    if (path.length || (old.size === now.size && !same(old.root, now.root))) throw broken;
    return;
  }
  let [at, last] = [old.size - 1, now.size - 1];
  // A tree of a power of two is one of the new tree's nodes, and need not be sent.
  const whole = isPowerOfTwo(old.size) ? [old.root, ...path] : path;
  const [first, ...others] = whole;
  if (!first || at > last) throw broken;
  while (at % 2) [at, last] = [half(at), half(last)];
  let [before, after] = [first, first];
  for (const [one, isLeft] of steps(at, last, others)) {
    if (isLeft) [before, after] = [await nodeHash(one, before), await nodeHash(one, after)];
    else after = await nodeHash(after, one);
  }
  if (!same(before, old.root) || !same(after, now.root)) throw broken;
}

/** A verifier key, `NAME+HASH+KEY`; throws Wrong. */
export async function readKey(text: string): Promise<Key> {
  const [name = "", id = "", ...coded] = text.trim().split("+");
  const known = unBase64(coded.join("+"));
  const expected = hex((await sha256(bytes(`${name}\n`), known)).slice(0, 4));
  if (known.length !== 33 || known[0] !== ED25519 || id !== expected || !name) {
    throw new Wrong("this is no verifier key of an Ed25519 signer (NAME+HASH+KEY)");
  }
  return { name, id, bytes: known.slice(1), text: text.trim() };
}

/** What a checkpoint says (C2SP tlog-checkpoint), whoever signed it; throws Wrong. */
export function readNote(note: string): Note {
  const gap = note.lastIndexOf("\n\n");
  const text = note.slice(0, gap + 1);
  const signed = note.slice(gap + 2).split("\n");
  const lines = text.split("\n");
  const [name = "", size = "", root = ""] = lines;
  if (gap < 0 || signed.pop() !== "" || lines.length < 4 || /[\0-\x09\x0b-\x1f]/.test(note))
    throw new Wrong("it is no signed note");
  if (!/^(0|[1-9][0-9]{0,14})$/.test(size)) throw new Wrong("it does not say of how many entries it is");
  const signatures = signed.map((line) => SIGNATURE.exec(line));
  if (signatures.some((one) => one === null)) throw new Wrong("a line of its signatures is none");
  return {
    name,
    size: Number(size),
    root: unBase64(root),
    text: bytes(text),
    signatures: signatures
      .filter((one) => one?.[1] === name)
      .map((one) => unBase64(one?.[2] ?? ""))
      .map((one) => ({ id: hex(one.slice(0, 4)), bytes: one.slice(4) })),
  };
}

/** Do nothing if this key signed the note under its name; else throw Wrong. */
export async function checkSignature(note: Note, key: Key): Promise<void> {
  const mine = note.signatures.filter((one) => one.id === key.id);
  if (note.name !== key.name || mine.length === 0) throw new Wrong(`it is not signed by ${key.name} with that key`);
  const known = await crypto.subtle.importKey("raw", key.bytes, "Ed25519", false, ["verify"]);
  for (const one of mine) {
    if (!(await crypto.subtle.verify("Ed25519", known, one.bytes, note.text))) {
      throw new Wrong("its signature is not one of this text: it was changed, or the signature taken from another one");
    }
  }
}

export function unBase64(text: string): Bytes {
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  } catch {
    throw new Wrong("a part of it is no base64");
  }
}

export function hex(given: Uint8Array): string {
  return [...given].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function bytes(text: string): Bytes {
  return new TextEncoder().encode(text);
}

function joined(parts: readonly Bytes[]): Bytes {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function same(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

// Not `>> 1`: a log may hold more entries than 32 bits count.
const half = (number: number) => Math.floor(number / 2);

function isPowerOfTwo(number: number): boolean {
  while (number % 2 === 0) number = half(number);
  return number === 1;
}
