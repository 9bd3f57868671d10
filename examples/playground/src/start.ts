// Starts what should not wait for the page's main script: the compiler, which takes the longest to fetch, and the
// theme.
import type * as Art from '../../../src/browser.js';
import { $ } from './dom.js';
import { endLoading, showLoading } from './loading.js';
import { startTheme } from './theme.js';

startTheme(); // at once, so that a dark page is not light at first

/** The name of the Cache that stores the compiler for the next visit. */
const STORE = 'art-playground-compiler';

export const art = (await import(new URL('art/index.js', document.baseURI).href)) as typeof Art;
export const session = await art.open({
  assets: 'art/',
  store: STORE,
  onEvent: (event) => {
    if (event.type === 'loading') showLoading(event as Art.LoadEvent);
  },
});
// The page does not wait for this.
session.ready().then(endLoading, ({ message }: Error) => {
  $('status').textContent = message;
});
