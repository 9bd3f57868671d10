// Pages that people copy: that of docs/browser.md, and the Vite project.
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Browser, hasBrowser, makeSite, openBrowser } from '../support/browser.js';
import { IS_FULL } from '../support/full.js';
import { run, scratch } from '../support/native.js';
import { REPOSITORY } from '../support/project.js';

describe.skipIf(!hasBrowser('chromium'))('pages to copy', () => {
  const site = scratch();
  let browser: Browser;

  beforeAll(async () => {
    expect(makeSite(site).status).toBe(0);
    browser = await openBrowser(site);
  });

  afterAll(() => browser?.close());

  const shows = async (path: string, pattern: RegExp) => {
    const { page, errors } = await browser.open(path);
    await page.waitForFunction(`${pattern}.test(document.querySelector('#assembly')?.textContent)`);
    await page.type('#source', ' int broken(void) { return');
    await page.waitForFunction(`/^1: expected/m.test(document.querySelector('#assembly').textContent)`);
    expect(errors).toEqual([]);
    await page.close();
  };

  test('the ten lines of docs/browser.md', async () => {
    const [, html = ''] =
      /```html\n([\s\S]*?)```/.exec(readFileSync(join(REPOSITORY, 'docs/browser.md'), 'utf8')) ?? [];
    writeFileSync(join(site, 'ten-lines.html'), html);
    await shows('/ten-lines.html', /movl\s+\$42, %eax/);
  });

  test.runIf(IS_FULL)('examples/vite builds, and works below a path', async () => {
    const root = scratch();
    cpSync(join(REPOSITORY, 'examples/vite'), root, { recursive: true });
    mkdirSync(join(root, 'node_modules'));
    symlinkSync(REPOSITORY, join(root, 'node_modules/art-aot'));
    const vite = join(REPOSITORY, 'node_modules/vite/bin/vite.js');
    run(process.execPath, [vite, 'build', '--outDir', join(site, 'below/a-path'), '--logLevel', 'error'], root);
    // What its `npm install` puts into public/art.
    symlinkSync(join(site, 'art'), join(site, 'below/a-path/art'));
    await shows('/below/a-path/', /movl\s+\$42, %eax/);
  });
});
