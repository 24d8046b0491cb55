/**
 * Who asks, as the service knows them. The key itself is in a cookie that no script can read: it passes through here
 * once, on its way to the service.
 */

import { address } from "$lib/address.svelte";
import { answer, api, Trouble, UNREACHABLE, type Problem, type Schemas } from "$lib/api";
import { ledger } from "$lib/ledger.svelte";
import type { Right } from "$lib/rights";

const PAUSE = 3000;

class Session {
  /** What the service says of whoever asks; null before it has said anything. */
  told = $state.raw<Schemas["SessionShown"] | null>(null);
  /** Whether anything was ever shown here: that stays under the question for a key, as drafts do. */
  begun = $state(false);
  /** Why the service let nobody in, or does not answer. */
  problem = $state.raw<Problem | null>(null);

  get isIn(): boolean {
    return this.told !== null && this.told.by !== null;
  }

  /** Whether there is anybody to go out, or everybody is let in. */
  get isKeyed(): boolean {
    return this.told?.access === "keys";
  }

  /** The name to show: of a key what it is called. */
  get name(): string {
    return this.told?.by?.replace(/^key:/, "") ?? "";
  }

  /** Whether they may do what takes this right; the service decides, but nobody has to write what it will not take. */
  may(right: Right): boolean {
    return this.told?.rights.includes(right) ?? false;
  }

  /**
   * Ask who asks, until the service says it. A key in the address is taken out of it at once, and used if nobody is in:
   * a link does not make somebody record under another name than they see.
   */
  async begin(): Promise<void> {
    const key = keyIn(location.hash);
    if (key !== null) address.go(location.pathname + location.search, { replace: true });
    for (;;) {
      try {
        const told = await answer(api.GET("/v1/session"));
        if (key !== null && told.by === null && (await this.enter(key))) return;
        const why = this.problem;
        this.#take(told);
        if (key !== null && told.by === null) this.problem = why;
        return;
      } catch (error) {
        this.problem = error instanceof Trouble ? error.problem : UNREACHABLE;
        await new Promise((resolve) => setTimeout(resolve, PAUSE));
      }
    }
  }

  /** Come in with a key; whether the service took it. What is on the screen is then asked again. */
  async enter(key: string): Promise<boolean> {
    try {
      this.#take(await answer(api.POST("/v1/session", { body: { key } })));
      ledger.refresh();
      return true;
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      this.problem = error.problem;
      return false;
    }
  }

  /** Go out, and leave nothing on the screen. */
  async leave(): Promise<void> {
    await answer(api.DELETE("/v1/session"));
    location.reload();
  }

  /** The service lets the one who asked in no more. */
  lost(): void {
    // What they may stays: the forms under the question for a key have to be there when they come in again.
    if (this.told?.by) this.told = { ...this.told, by: null };
  }

  #take(told: Schemas["SessionShown"]): void {
    this.told = told;
    this.problem = null;
    if (told.by !== null) this.begun = true;
  }
}

/** The key that an address brings along behind `#key=`. */
export function keyIn(hash: string): string | null {
  return new URLSearchParams(hash.replace(/^#/, "")).get("key");
}

export const session = new Session();

api.use({
  onResponse({ response }) {
    if (response.status === 401) session.lost();
  },
});
