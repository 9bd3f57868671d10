// What cannot wait for the script of the page itself: the compiler, which takes longest to come, and the colours.
import type * as Art from '../../../src/browser.js';
import { $ } from './dom.js';
import { endLoading, showLoading } from './loading.js';
import { startTheme } from './theme.js';

startTheme(); // at once, so that a dark page does not begin light

/** In the browser's own store, for the next visit. */
const STORE = 'art-playground-compiler';

export const art = (await import(new URL('art/index.js', document.baseURI).href)) as typeof Art;
export const session = await art.open({
  assets: 'art/',
  store: STORE,
  onEvent: (event) => {
    if (event.type === 'loading') showLoading(event as Art.LoadEvent);
  },
});
// Nothing of the page waits for it.
session.ready().then(endLoading, ({ message }: Error) => {
  $('status').textContent = message;
});
