/** Sources, places and stories are found by the beginnings of words of their names, as the lists of the API find them. */

import { answer, api } from "$lib/api";
import { learn } from "$lib/names.svelte";
import { plain } from "$lib/words";

export type Kind = "source" | "location" | "story";
export type Hit = { slug: string; name: string; note: string };

const FEW = 8;

/** At most eight that fit; without words, the first of the list. */
export async function search(kind: Kind, words: string, signal: AbortSignal): Promise<readonly Hit[]> {
  const call = { params: { query: { limit: FEW, ...(words ? { q: words } : {}) } }, signal };
  switch (kind) {
    case "source": {
      const { sources } = await answer(api.GET("/v1/sources", call));
      for (const row of sources) learn("source", row);
      return sources.map((one) => ({
        slug: one.slug,
        name: one.name,
        note: `${plain(one.kind)}${one.confidential ? ", protected" : ""}`,
      }));
    }
    case "location": {
      const { locations } = await answer(api.GET("/v1/locations", call));
      for (const row of locations) learn("location", row);
      return locations.map((one) => ({ slug: one.slug, name: one.names[0] ?? one.slug, note: one.precision }));
    }
    case "story": {
      const { stories } = await answer(api.GET("/v1/stories", call));
      for (const row of stories) learn("story", row);
      return stories.map((one) => ({ slug: one.slug, name: one.title, note: "" }));
    }
  }
}
