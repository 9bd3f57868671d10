// The playground in Chromium: from opening it to assembly, and from a key to assembly. The site is packed once.
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { launch } from 'puppeteer-core';
import { serve } from '../examples/playground/serve.mjs';
import { writeSite } from '../scripts/playground/site.mjs';
import { ROOT } from './sides.mjs';

const C = ['main.c', '#include <stdio.h>\nint main(void) { puts("MARK"); }\n'];
const CXX = [
  'main.cpp',
  '#include <iostream>\n#include <map>\nint main() { std::map<int, int> m{{1, 2}}; std::cout << m[1] << "MARK" << std::endl; }\n',
];
/** 10 Mbit/s, as Chromium's own tools have it: bytes a second, and milliseconds. */
const SLOW = { download: 10e6 / 8, upload: 10e6 / 8, latency: 20 };

/**
 * A link in front of a server, which all connections share: it passes SLOW.download bytes a second to the browser.
 * @param {string} url of the server
 */
async function slowLink(url) {
  const { port } = new URL(url);
  let free = 0;
  const link = createServer(async (client) => {
    const server = connect(Number(port), 'localhost');
    client.on('error', () => server.destroy());
    client.pipe(server);
    try {
      for await (const piece of server) {
        free = Math.max(free, performance.now()) + (piece.length / SLOW.download) * 1000;
        await sleep(free - performance.now());
        client.write(piece);
      }
      client.end();
    } catch {
      client.destroy(); // the browser has closed it
    }
  });
  await new Promise((resolve) => link.listen(0, 'localhost', resolve));
  link.unref();
  return `http://localhost:${link.address().port}/`;
}

let site;
async function openSite(scratch) {
  if (site) return site;
  site = join(scratch, 'playground');
  const { writePageFiles } = await import(join(ROOT, 'dist/index.js'));
  await writeSite(site, { writePageFiles, quality: 11 });
  return site;
}

/** Waits until a browser with nothing to do no longer needs processor time. */
const settled = () => sleep(3000);

/** Ticks of a second in /proc/<pid>/stat (proc(5)). */
const TICKS = 100;

/** What Chromium's processes that show pages take: bytes of the largest, and seconds of processor time of all. */
function renderers(profile) {
  let memory = 0;
  let cpu = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      if (!line.includes('--type=renderer') || !line.includes(profile)) continue;
      const kilobytes = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
      memory = Math.max(memory, 1024 * Number(kilobytes ?? 0));
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ');
      cpu += (Number(fields[11]) + Number(fields[12])) / TICKS;
    } catch {
      // It has ended.
    }
  return { memory, cpu };
}

async function withBrowser(scratch, work) {
  const mark = mkdtempSync(join(scratch, 'art-bench-profile-'));
  const server = await serve(await openSite(scratch), 0);
  const browser = await launch({
    executablePath: '/usr/bin/chromium',
    headless: true,
    userDataDir: mark,
    args: ['--no-sandbox', '--disable-gpu'],
    protocolTimeout: 600_000,
  });
  try {
    await settled(); // the browser's own hidden pages need processor time when it starts
    return await work({
      browser,
      url: server.url,
      used: () => renderers(mark),
    });
  } finally {
    await browser.close();
    await server.close();
  }
}

const SHOWN = `[...document.querySelectorAll('.listing')].map((l) => l.shadowRoot.querySelector('.cm-content')?.innerText ?? '').join('')`;
const shows = (page, text) =>
  page.waitForFunction(`${SHOWN}.includes(${JSON.stringify(text)})`, { polling: 'raf', timeout: 600_000 });
const fragment = (page, [name, text]) =>
  page.evaluate(
    async ({ name, text }) => {
      const bytes = new TextEncoder().encode(
        JSON.stringify({ f: [[name, text]], a: name, p: [['x86_64-linux-musl', '-O1', 'assembly']], d: false, r: {} }),
      );
      const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate-raw'));
      const packed = new Uint8Array(await new Response(stream).arrayBuffer());
      const base64 = btoa(String.fromCharCode(...packed));
      return `#1${base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`;
    },
    { name, text },
  );

async function visit(browser, url, slow) {
  const page = await browser.newPage();
  if (slow) await page.emulateNetworkConditions(slow);
  await page.goto(`${url}icon.svg`);
  const at = url + (await fragment(page, C));
  const started = performance.now();
  await page.goto(at);
  await shows(page, 'MARK');
  return { page, seconds: (performance.now() - started) / 1000 };
}

const sample = (seconds, { memory = null, cpu = null } = {}) => ({ seconds, cpu, peak: memory });

const MEASURES = {
  first: (scratch) => withBrowser(scratch, async ({ browser, url }) => sample((await visit(browser, url)).seconds)),
  second: (scratch) =>
    withBrowser(scratch, async ({ browser, url }) => {
      const { page } = await visit(browser, url);
      await page.waitForFunction(
        async () =>
          (await (await caches.open('art-playground-compiler')).keys()).some(({ url }) => url.includes('llvm')),
        { polling: 200, timeout: 600_000 },
      );
      await page.close();
      await settled(); // writing the store and optimising the first visit's code
      return sample((await visit(browser, url)).seconds);
    }),
  slow: (scratch) =>
    withBrowser(scratch, async ({ browser, url }) => sample((await visit(browser, url, SLOW)).seconds)),
  link: (scratch) =>
    withBrowser(scratch, async ({ browser, url }) => sample((await visit(browser, await slowLink(url))).seconds)),
  key: (scratch, source) => typing(scratch, source, 10),
  hundred: (scratch, source) => typing(scratch, source, 100),
};

const STATE = "document.querySelector('.pane-state')";
const isShown = (page) =>
  page.waitForFunction(`/\\d s$/.test(${STATE}?.textContent) && performance.now()`, {
    polling: 'raf',
    timeout: 600_000,
  });

/** The median of some keys, each until what it made is shown; what each took of processors, and the memory afterwards. */
function typing(scratch, source, times) {
  return withBrowser(scratch, async ({ browser, url, used }) => {
    const page = await browser.newPage();
    await page.goto(`${url}icon.svg`);
    await page.goto(url + (await fragment(page, source)));
    await isShown(page);
    const took = [];
    const content = await page.$('#editor >>> .cm-content');
    const press = (n) =>
      content.evaluate((element, n) => {
        const { view } = element.cmTile;
        const text = view.state.doc.toString();
        const from = text.search(/(MARK|TIME\d+)"/);
        document.querySelector('.pane-state').textContent = '';
        view.dispatch({ changes: { from, to: text.indexOf('"', from), insert: `TIME${n}` } });
        return performance.now();
      }, n);
    await press(0);
    await isShown(page);
    const before = used();
    for (let n = 1; n <= times; n++) {
      const pressed = await press(n);
      took.push((Number(await (await isShown(page)).jsonValue()) - pressed) / 1000);
    }
    const after = used();
    took.sort((a, b) => a - b);
    return sample(took[Math.floor(took.length / 2)], { memory: after.memory, cpu: (after.cpu - before.cpu) / times });
  });
}

/** @param {string} scratch */
export function playgroundRows(scratch) {
  const row = (name, measure, goal, source) => ({ name, work: { scratch, measure, source }, goal });
  return [
    row('first visit, small C', 'first', { seconds: 2.5 }),
    row('second visit, small C', 'second', { seconds: 1.2 }),
    row('first visit at 10 Mbit/s, throttled by Chromium', 'slow', { seconds: 20 }),
    row('first visit over a link of 10 Mbit/s', 'link', { seconds: 20 }),
    row('a key, small C', 'key', { seconds: 0.15, peak: 600e6 }, C),
    row('a key, <iostream> <map>', 'key', { seconds: 1.5, peak: 600e6 }, CXX),
    row('a key, small C, 100 times', 'hundred', { peak: 600e6 }, C),
    row('a key, <iostream> <map>, 100 times', 'hundred', { peak: 600e6 }, CXX),
  ];
}

/** What there is to compare with is the goal. */
export const playgroundSides = [
  { name: 'page', run: ({ scratch, measure, source }) => MEASURES[measure](scratch, source) },
];
