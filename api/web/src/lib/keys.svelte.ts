/** Keys that do something on the screen that is shown; `?` lists them. */

import { onMount } from "svelte";
import { SvelteMap } from "svelte/reactivity";

type Key = { told: string; press: () => void };

const keys = new SvelteMap<string, Key>();

/** While this component is there, the key does this. `told` says it in a few words: "the change before". */
export function onKey(key: string, told: string, press: () => void): void {
  onMount(() => {
    const mine = { told, press };
    keys.set(key, mine);
    return () => {
      if (keys.get(key) === mine) keys.delete(key);
    };
  });
}

/** What there is to press now. */
export function allKeys(): readonly (readonly [string, string])[] {
  return [...keys].map(([key, { told }]) => [key, told] as const);
}

/** Do what the key is for, unless somebody is writing or means a shortcut of the browser. */
export function pressed(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const at = event.target as HTMLElement | null;
  if (at?.closest("input, textarea, select, [contenteditable], dialog[open]")) return;
  const found = keys.get(event.key);
  if (!found) return;
  event.preventDefault();
  found.press();
}
