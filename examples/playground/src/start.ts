// Begins to fetch the compiler, which takes longest, before the script of the page itself is read.
import type * as Art from '../../../src/browser.js';
import { $ } from './dom.js';
import { endLoading, showLoading } from './loading.js';

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
