/** How far the ledger is, as far as these pages have heard. */

class Ledger {
  /** The position that the newest answer was computed from; null before the first. */
  position = $state<number | null>(null);
  /** Raised when the editor asks for what is new: every open question is then asked again. */
  refreshed = $state(0);
  /** The position that answers have to include, since it was told of or recorded here; 0 is none. */
  needed = 0;

  /** Take note of the `Ledger-Position` of an answer. Answers about the past say an older one, which tells nothing. */
  saw(given: string | number | null): void {
    const position = Number(given);
    if (given !== null && Number.isInteger(position)) this.position = Math.max(this.position ?? 0, position);
  }

  /** From now on answers have to include this position: the views follow the ledger a moment later. */
  needs(position: number): void {
    this.needed = Math.max(this.needed, position);
  }

  /** Ask everything on the screen again. */
  refresh(): void {
    this.refreshed += 1;
  }
}

export const ledger = new Ledger();
