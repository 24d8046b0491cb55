/** The colours of the pages for a canvas, which knows nothing of variables: those of the theme that is shown now. */

import type { Look } from "./marks";

/** The colours as they are now; asked for again when the theme changes. */
export function look(): Look {
  const probe = document.createElement("span");
  document.body.append(probe);
  const known = new Map<string, string>();
  const of = (css: string): string => {
    let colour = known.get(css);
    if (colour === undefined) {
      if (!probe.isConnected) document.body.append(probe);
      probe.style.color = css;
      colour = getComputedStyle(probe).color;
      probe.remove();
      known.set(css, colour);
    }
    return colour;
  };
  return {
    text: of("var(--text)"),
    paper: of("var(--paper)"),
    quiet: of("var(--quiet)"),
    accent: of("var(--accent)"),
    font: getComputedStyle(document.body).fontFamily,
    of,
  };
}
