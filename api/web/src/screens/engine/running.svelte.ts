/** Where the views stand and how replays go, asked again and again while somebody looks: oftener while one is built. */

import { answer, api, Trouble, type Problem } from "$lib/api";
import { open } from "$lib/asked.svelte";

export type View = {
  name: string;
  in_use: boolean;
  place: string;
  version: number;
  generation: number;
  position: number;
  lag: number;
  state: string;
  error: { position: number | null; reason: string } | string | null;
  what_if?: { policy: string; without: readonly string[]; upto: number | null; made: string };
};
export type Replay = {
  name: string;
  state: string;
  phase: string;
  position: number;
  head: number;
  share: number;
  events: number;
  seconds: number;
  events_per_second: number;
  seconds_left: number | null;
  workers: readonly { share: number; position: number }[];
  error: { position: number | null; reason: string } | null;
  comparison: { differing: number } | null;
};

const SELDOM = 4_000;
const OFTEN = 700;
const UNDER_WAY = ["building", "catching up", "indexing", "verifying", "switching"];

class Running {
  views = $state.raw<readonly View[] | null>(null);
  /** The last replay of a view or a what-if, by name, of those that were seen to run. */
  replays = $state.raw<Readonly<Record<string, Replay>>>({});
  problem = $state.raw<Problem | null>(null);
  #followed = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #watched = false;

  /** Look from now on; returns how to stop. */
  watch(): () => void {
    this.#watched = true;
    open.more();
    void this.look().finally(() => open.less());
    return () => {
      this.#watched = false;
      clearTimeout(this.#timer);
    };
  }

  /** Follow the replay of this name, of which it is known that it was begun. */
  follow(name: string): void {
    this.#followed.add(name);
    void this.look();
  }

  /** Look now. */
  async look(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      const told = await answer(api.GET("/v1/projections"));
      this.views = told.projections as unknown as View[];
      for (const view of this.views) if (UNDER_WAY.includes(view.state)) this.#followed.add(view.name);
      await Promise.all([...this.#followed].map((name) => this.#progress(name)));
      this.problem = null;
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      this.problem = error.problem;
    }
    clearTimeout(this.#timer);
    if (this.#watched) this.#timer = setTimeout(() => void this.look(), this.#followed.size ? OFTEN : SELDOM);
  }

  async #progress(name: string): Promise<void> {
    const call = api.GET("/v1/projections/{name}", { params: { path: { name } } });
    try {
      const replay = ((await answer(call)) as unknown as { replay: Replay | null }).replay;
      const others = Object.entries(this.replays).filter(([other]) => other !== name);
      this.replays = Object.fromEntries(replay ? [...others, [name, replay]] : others);
      if (replay?.state !== "running") this.#followed.delete(name);
    } catch (error) {
      // A what-if that was cancelled is gone, and so is its name.
      if (!(error instanceof Trouble) || error.status !== 404) throw error;
      this.#followed.delete(name);
      this.replays = Object.fromEntries(Object.entries(this.replays).filter(([other]) => other !== name));
    }
  }
}

export const running = new Running();

/** Do something to the engine, and look at what came of it; returns what was wrong, or null. */
export async function done(
  call: Promise<{ data?: unknown; error?: unknown; response: Response }>,
): Promise<Problem | null> {
  let problem: Problem | null = null;
  try {
    await answer(call);
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    problem = error.problem;
  }
  await running.look();
  return problem;
}

/** Why a view stopped, in words. */
export function reason(view: View): string | null {
  if (view.error === null) return null;
  if (typeof view.error === "string") return view.error;
  const at = view.error.position;
  return at === null ? view.error.reason : `at position ${at.toLocaleString("en")}: ${view.error.reason}`;
}
