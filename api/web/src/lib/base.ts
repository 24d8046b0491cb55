/**
 * Where these pages are: the desk without a name is at the root of its host, every other one below `/desks/NAME`. Paths
 * are written without that everywhere, and become addresses here and nowhere else.
 */

/** What stands before every path of this desk; empty at the root. The service writes it into the page that it sends. */
export const BASE = document.querySelector<HTMLMetaElement>('meta[name="onrecord-base"]')?.content ?? "";

/** The name of this desk; null for the one that has none. */
export const DESK = /\/desks\/([^/]+)$/.exec(BASE)?.[1] ?? null;

/** What stands in a title behind the name of the screen. */
export const HERE = DESK === null ? "OnRecord" : `${DESK} · OnRecord`;

/** The address of a path of this desk; what is an address of it already stays so, as what the service answers may be. */
export function at(path: string): string {
  return BASE === "" || path === BASE || path.startsWith(`${BASE}/`) ? path : `${BASE}${path}`;
}

/** The path that an address has at this desk; null for one that is not of this desk. */
export function below(pathname: string): string | null {
  if (BASE === "") return pathname;
  if (pathname === BASE) return "/";
  return pathname.startsWith(`${BASE}/`) ? pathname.slice(BASE.length) : null;
}

/** The name under which this desk keeps something in the browser, which all desks of a host share. */
export function kept(name: string): string {
  return `${name}${BASE}`;
}
