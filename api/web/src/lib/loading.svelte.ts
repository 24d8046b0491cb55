/** Screens are loaded when they are first gone to; by then the service may be away, or serve newer pages. */

import { at, kept } from "$lib/base";

type Entry<T> = { load: () => Promise<T> };

const PAUSE = 3000;
/** Under this name it is kept when the page was last loaded anew for want of a screen, so that it is not done in a loop. */
const RENEWED = kept("onrecord.renewed");
const NOT_AGAIN_WITHIN = 60_000;

class Away {
  /** Whether a screen is waited for because nobody answers. */
  is = $state(false);
}

export const away = new Away();

/** The screen; awaited until the service has it. Pages that are no longer served are loaded anew. */
export async function screenOf<T>(entry: Entry<T>): Promise<T> {
  for (;;) {
    try {
      const screen = await entry.load();
      away.is = false;
      return screen;
    } catch {
      if (await answers()) renew();
      away.is = true;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }
}

async function answers(): Promise<boolean> {
  try {
    return (await fetch(at("/healthz"))).ok;
  } catch {
    return false;
  }
}

function renew(): void {
  const last = Number(sessionStorage.getItem(RENEWED));
  if (Date.now() - last < NOT_AGAIN_WITHIN) return;
  sessionStorage.setItem(RENEWED, String(Date.now()));
  location.reload();
}
