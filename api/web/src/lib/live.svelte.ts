/**
 * What was recorded while somebody reads: it is counted, and nothing on the page changes until they ask for it.
 *
 * A browser opens few connections to one host and every tab would hold one, so the tabs agree (Web Locks) on one that
 * listens and tells the others. Where a browser has no locks, as over plain HTTP in a network, each tab listens itself.
 */

import { at, kept } from "$lib/base";
import { ledger } from "$lib/ledger.svelte";
import { session } from "$lib/session.svelte";

/** Behind so many nobody counts on: the stream is closed and the rest is read when it is asked for. */
const MOST = 500;
const FIRST_REST = 1_000;
const LONGEST_REST = 30_000;
const NAME = kept("onrecord-live");

type Told = { position: number; type: string };

/** The parts of a server-sent event, as far as they are wanted here. */
export function readEvent(block: string): Told | null {
  let id = "";
  let type = "";
  for (const line of block.split("\n")) {
    if (line.startsWith("id:")) id = line.slice(3).trim();
    if (line.startsWith("event:")) type = line.slice(6).trim();
  }
  const position = Number(id);
  return id && type && Number.isSafeInteger(position) ? { position, type } : null;
}

/** What is new, in words: `3 new claims and 1 other entry`. */
export function worded(claims: number, others: number): string {
  if (claims + others >= MOST) return `More than ${MOST} new entries`;
  const told = claims ? `${claims} new claim${claims === 1 ? "" : "s"}` : "";
  if (!others) return told;
  const rest = `${others} ${told ? "other" : "new"} ${others === 1 ? "entry" : "entries"}`;
  return told ? `${told} and ${rest}` : `${rest} in the ledger`;
}

class Live {
  claims = $state(0);
  others = $state(0);
  #last = 0;
  #own = new Set<number>();
  #channel: BroadcastChannel | null = null;
  #wake: (() => void) | null = null;

  get words(): string {
    return worded(this.claims, this.others);
  }

  get isFull(): boolean {
    return this.claims + this.others >= MOST;
  }

  /** Begin to listen, from the first position that an answer tells; returns how to end it. */
  listen(): () => void {
    const ended = new AbortController();
    if ("BroadcastChannel" in window) {
      this.#channel = new BroadcastChannel(NAME);
      this.#channel.onmessage = (event: MessageEvent<Told>) => this.#take(event.data);
    }
    if ("locks" in navigator)
      // A lock that is never had, because another tab has it, ends with the page.
      void navigator.locks
        .request(NAME, { signal: ended.signal }, () => this.#follow(ended.signal))
        .catch(() => undefined);
    else void this.#follow(ended.signal);
    return () => {
      ended.abort();
      this.#channel?.close();
    };
  }

  /** What this page recorded itself is no news to it. */
  mine(position: number): void {
    this.#own.add(position);
    ledger.needs(position);
  }

  /** Ask everything on the screen again. */
  apply(): void {
    ledger.needs(this.#last);
    this.forget();
    ledger.refresh();
  }

  /** Count from nothing: what is shown now was asked for anew. */
  forget(): void {
    this.claims = 0;
    this.others = 0;
    this.#wake?.();
  }

  #take(told: Told): void {
    if (told.position <= this.#last) return;
    this.#last = told.position;
    if (this.#own.delete(told.position)) return;
    if (told.type.startsWith("claim-recorded.")) this.claims += 1;
    else this.others += 1;
  }

  async #follow(signal: AbortSignal): Promise<void> {
    let rest = FIRST_REST;
    while (!signal.aborted) {
      if (this.isFull) await this.#asleep(signal);
      const from = ledger.position === null ? -1 : Math.max(this.#last, ledger.position);
      // Nothing is shown yet, so nothing is new; or the stream broke, and nobody is hurried by asking again at once.
      if (from >= 0 && (await this.#read(from, signal))) rest = FIRST_REST;
      else rest = Math.min(LONGEST_REST, from < 0 ? FIRST_REST : rest * 2);
      await pause(rest * (0.75 + Math.random() / 2), signal);
    }
  }

  /** Read the stream until it ends; false if it brought nothing at all. */
  async #read(after: number, signal: AbortSignal): Promise<boolean> {
    const ended = new AbortController();
    const end = () => ended.abort();
    signal.addEventListener("abort", end, { once: true });
    let heard = false;
    try {
      const answer = await fetch(at("/v1/events"), {
        headers: { Accept: "text/event-stream", "Last-Event-ID": String(after) },
        signal: ended.signal,
      });
      if (answer.status === 401) session.lost();
      if (!answer.ok || !answer.body) return false;
      this.#last = Math.max(this.#last, after);
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let left = "";
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        heard = true;
        const blocks = (left + part.value).replaceAll("\r\n", "\n").split("\n\n");
        left = blocks.pop() ?? "";
        for (const told of blocks.map(readEvent)) {
          if (told === null) continue;
          this.#take(told);
          this.#channel?.postMessage(told);
        }
        if (this.isFull) end();
      }
    } catch {
      // The service is away, or the page is left: in the first case it is asked again after a rest.
    } finally {
      signal.removeEventListener("abort", end);
    }
    return heard;
  }

  #asleep(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}

export const live = new Live();
