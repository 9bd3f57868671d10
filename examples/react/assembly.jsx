import { codeOnly, open } from 'art-aot/browser';
import { useEffect, useState } from 'react';

// One session for the whole life of the page. `npm install` puts the compiler into public/art, which Vite copies
// unchanged.
const art = open({ assets: new URL('art/', document.baseURI).href });

export function Assembly({ source }) {
  const [text, setText] = useState('Fetching the compiler…');
  useEffect(() => {
    const stop = new AbortController();
    art
      .then((session) => session.compile({ 'main.c': source }, { flags: ['-O2'], signal: stop.signal }))
      .then(({ ok, assembly, diagnostics }) =>
        setText(
          ok ? codeOnly(assembly).text : diagnostics.map(({ line, message }) => `${line}: ${message}`).join('\n'),
        ),
      )
      .catch((error) => error.code === 'CANCELLED' || setText(error.message));
    return () => stop.abort();
  }, [source]);
  return <pre id="assembly">{text}</pre>;
}
