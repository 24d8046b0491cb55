/** A page of a list, with the cursor of the next one. */

import { answer } from "$lib/api";
import { asked, type Asked } from "$lib/asked.svelte";
import { nextOf } from "$lib/names.svelte";

export type Page<T> = { body: T; next: string | null };

/** As `asked`, for a call whose `Link` header names the next page. */
export function listed<T>(
  call: () => Promise<{ data?: T; error?: unknown; response: Response }> | null,
): Asked<Page<T>> {
  return asked(() => {
    const promise = call();
    return promise && paged(promise);
  });
}

async function paged<T>(promise: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<Page<T>> {
  let next: string | null = null;
  const body = await answer(
    promise.then((told) => {
      next = nextOf(told.response);
      return told;
    }),
  );
  return { body, next };
}
