import { codeOnly, open } from 'art-aot/browser';

// `npm install` puts the compiler into public/art, which Vite copies unchanged.
const art = await open({ assets: new URL('art/', document.baseURI).href });
const source = document.querySelector('#source');
const assembly = document.querySelector('#assembly');

let running;
async function compile() {
  running?.abort();
  running = new AbortController();
  try {
    const options = { flags: ['-O2'], signal: running.signal };
    const result = await art.compile({ 'main.c': source.value }, options);
    assembly.textContent = result.ok
      ? codeOnly(result.assembly).text
      : result.diagnostics.map(({ line, message }) => `${line}: ${message}`).join('\n');
  } catch (error) {
    if (error.code !== 'CANCELLED') assembly.textContent = error.message;
  }
}

source.addEventListener('input', compile);
await compile();
