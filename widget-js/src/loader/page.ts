// Which page the visitor is on, also where a site goes from one to the next without loading it.

import { documentProperty } from './host.ts';
import type { PageNow } from './port.ts';

/** Two short strings a second cost the page nothing, and the host's `history` stays as it is: nothing is wrapped. */
const LOOK_EVERY_MS = 1_000;

export function pageNow(): PageNow {
  return { url: location.origin + location.pathname, title: String(document.title) };
}

/** Tells of each other page and title while the tab is in front, and when it comes there. Answers how to stop. */
export function watchPage(tell: (page: PageNow) => void): () => void {
  let told = pageNow().url + document.title;
  const timer = setInterval(() => {
    const page = pageNow();
    // Of two tabs the one in front is where the visitor is.
    const now = documentProperty('hidden') ? '' : page.url + page.title;
    if (now !== told && now !== '') tell(page);
    told = now;
  }, LOOK_EVERY_MS);
  return () => clearInterval(timer);
}
