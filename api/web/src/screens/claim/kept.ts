/** The newest checkpoint that this browser found sound, so that it notices if history is another one later. */

import { kept as keptAs } from "$lib/base";
import { readNote } from "$lib/proof";

export type Kept = { key: string; note: string };
const NAME = keptAs("onrecord.checkpoint");

/** What was kept; null before the first, and where the browser keeps nothing. */
export function kept(): Kept | null {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(NAME) ?? "null");
    return isKept(found) ? found : null;
  } catch {
    return null;
  }
}

/** Keep a checkpoint, unless a later one of the same log and key is kept. */
export function keep(now: Kept): void {
  try {
    const before = kept();
    const [old, fresh] = [before && readNote(before.note), readNote(now.note)];
    if (!old || old.name !== fresh.name || before?.key !== now.key || fresh.size > old.size) {
      localStorage.setItem(NAME, JSON.stringify(now));
    }
  } catch {
    // A browser that keeps nothing checks each proof by itself.
  }
}

function isKept(found: unknown): found is Kept {
  return typeof found === "object" && found !== null && "key" in found && "note" in found;
}
