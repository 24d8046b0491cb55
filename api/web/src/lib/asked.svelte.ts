/** A question to the API whose answer is shown: it is asked anew whenever what it depends on changes. */

import { untrack } from "svelte";

import { Trouble, type Problem } from "$lib/api";
import { ledger } from "$lib/ledger.svelte";

const LONGEST = 30;

class Open {
  /** How many answers are awaited on this screen; a reader of the screen is told while it is not 0. */
  count = $state(0);
  // What an effect reads while it is taken down is what was so before, so a count that is read there loses answers.
  #open = 0;

  more(): void {
    this.count = ++this.#open;
  }

  less(): void {
    this.count = --this.#open;
  }
}

export const open = new Open();

export class Asked<T> {
  /** The last answer; it stays while the next is awaited, so that nothing jumps. */
  answer = $state.raw<T | undefined>(undefined);
  /** Why there is no new answer; null when the last question was answered. */
  problem = $state.raw<Problem | null>(null);
  waiting = $state(true);
}

/**
 * Ask now, and again whenever state that `ask` reads (before its first `await`) changes, or when the editor wants to
 * see what is new. To be called while a component is made. A service that cannot answer for the moment is asked again
 * by itself. `ask` may return null if there is nothing to ask yet.
 */
export function asked<T>(ask: (signal: AbortSignal) => Promise<T> | null): Asked<T> {
  const told = new Asked<T>();
  let failures = 0;
  let again = $state(0);
  $effect(() => {
    void ledger.refreshed;
    void again;
    const ended = new AbortController();
    const promise = ask(ended.signal);
    if (promise === null) {
      told.waiting = false;
      return;
    }
    let timer: ReturnType<typeof setTimeout> | undefined;
    let counted = true;
    const done = () => {
      if (counted) open.less();
      counted = false;
    };
    // To count is not to depend on the count.
    untrack(() => {
      told.waiting = true;
      open.more();
    });
    promise.then(
      (answer) => {
        done();
        if (ended.signal.aborted) return;
        failures = 0;
        told.answer = answer;
        told.problem = null;
        told.waiting = false;
      },
      (error: unknown) => {
        done();
        if (ended.signal.aborted) return;
        if (!(error instanceof Trouble)) throw error;
        told.problem = error.problem;
        told.waiting = false;
        if (error.again !== null) {
          failures += 1;
          timer = setTimeout(() => (again += 1), Math.min(LONGEST, error.again * failures) * 1000);
        }
      },
    );
    return () => {
      ended.abort();
      clearTimeout(timer);
      untrack(done);
    };
  });
  return told;
}
