/** The newest alerts that there were at a position: they are numbered as they were found, which is as things were recorded. */

import { answer, api, type Schemas } from "$lib/api";

type Alert = Schemas["AlertShown"];

function page(after: number, limit: number, signal: AbortSignal): Promise<Schemas["AlertPage"]> {
  return answer(api.GET("/v1/alerts", { params: { query: { after: String(after), limit } }, signal }));
}

/** At most so many, the newest first: of now, or of when the ledger stood as `asOf` says. */
export async function newest(asOf: string | undefined, most: number, signal: AbortSignal): Promise<readonly Alert[]> {
  const { last } = await page(0, 1, signal);
  const upTo = asOf === undefined ? last : await numberAt(await positionOf(asOf, signal), last, signal);
  if (upTo === 0) return [];
  const { alerts } = await page(Math.max(0, upTo - most), most, signal);
  return alerts.filter((one) => one.number <= upTo).toReversed();
}

/** The position that a cut means, which an instant does not say: any answer at it does. */
async function positionOf(asOf: string, signal: AbortSignal): Promise<number> {
  let position = 0;
  const call = api.GET("/v1/stories", { params: { query: { as_of: asOf, limit: 1 } }, signal });
  await answer(
    call.then((told) => {
      position = Number(told.response.headers.get("Ledger-Position"));
      return told;
    }),
  );
  return position;
}

/** The number of the last alert at or before a position; 0 if there is none. */
async function numberAt(position: number, last: number, signal: AbortSignal): Promise<number> {
  let [low, high] = [0, last];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const [one] = (await page(middle - 1, 1, signal)).alerts;
    if (one && one.position <= position) low = one.number;
    else high = middle - 1;
  }
  return low;
}
