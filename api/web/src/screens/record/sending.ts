/** A claim is tried, and recorded with its document: each call may be sent again, and counts once. */

import { answer, api, type Schemas } from "$lib/api";
import { live } from "$lib/live.svelte";
import type { Draft } from "./draft.svelte";

export type Preview = Schemas["Preview"];
export type Recorded = { position: number; id: string; replayed: boolean };

/** What recording the claim would do. The text goes along only if the claim quotes it: the quote is checked against it. */
export function preview(draft: Draft, signal?: AbortSignal): Promise<Preview> {
  const { body } = draft;
  const text = body.quote ? { text: draft.fields.text } : {};
  return answer(api.POST("/v1/claims/preview", { body: { ...body, ...text }, signal }));
}

/** Archive what is quoted, if it is not there already, and record the claim. Raises Trouble. */
export async function record(draft: Draft): Promise<Recorded> {
  const { key } = draft.fields;
  const body = draft.body;
  // Whatever is wrong is told before anything is kept.
  const tried = await preview(draft);
  const quoted = tried.document;
  if (quoted && (!quoted.archived || (draft.fields.keepText && !quoted.held))) await archive(draft, quoted.archived);
  const receipt = await answer(
    api.POST("/v1/claims", { body, params: { header: { "Idempotency-Key": `desk/${key}` } } }),
  );
  live.mine(receipt.position);
  const claim = (receipt as unknown as { claim?: { id: string } }).claim;
  return {
    position: receipt.position,
    id: claim?.id ?? tried.claim["id"]?.toString() ?? "",
    replayed: receipt.replayed,
  };
}

async function archive(draft: Draft, isKnown: boolean): Promise<void> {
  const { text, title, url, published, tz, keepText } = draft.fields;
  const sha256 = draft.hash;
  if (sha256 === null) return;
  const document = isKnown
    ? await known(sha256)
    : {
        media_type: "text/plain",
        ...(title.trim() ? { title: title.trim() } : {}),
        ...(url.trim() ? { url: url.trim() } : {}),
        ...publisherOf(draft),
        ...(published.trim() ? { published: { edtf: published.trim() }, tz: tz.trim() || "UTC" } : {}),
      };
  const sent = { ...document, sha256, ...(keepText ? { text } : {}) } as Schemas["ArchiveDocument"];
  const receipt = await answer(api.POST("/v1/documents", { body: sent }));
  live.mine(receipt.position);
}

/** What is known of a document stays known when its text is added. */
async function known(sha256: string): Promise<object> {
  const told = await answer(api.GET("/v1/documents/{sha256}", { params: { path: { sha256 } } }));
  const kept = ["media_type", "title", "source", "published", "tz", "url"];
  return Object.fromEntries(Object.entries(told).filter(([name, value]) => kept.includes(name) && value !== null));
}

function publisherOf(draft: Draft): { source?: string } {
  const publisher = draft.fields.chain.findLast((one) => one.role === "publisher");
  return publisher?.source ? { source: publisher.source } : {};
}
