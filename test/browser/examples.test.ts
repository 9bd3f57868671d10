// Pages for users to copy: those of docs/browser.md, and the projects with Vite and React.
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeSite } from '../support/browser.js';
import { IS_FULL } from '../support/full.js';
import { run, scratch } from '../support/native.js';
import { REPOSITORY } from '../support/project.js';

describeSite('pages to copy', (site) => {
  const shows = async (path: string, pattern: RegExp) => {
    const { page, errors } = await site.browser.open(path);
    await page.waitForFunction(`${pattern}.test(document.querySelector('#assembly')?.textContent)`);
    await page.type('#source', ' int broken(void) { return');
    await page.waitForFunction(`/^1: expected/m.test(document.querySelector('#assembly').textContent)`);
    expect(errors).toEqual([]);
    await page.close();
  };

  test('the ten lines of docs/browser.md', async () => {
    writeFileSync(join(site.folder, 'ten-lines.html'), inPage('html'));
    await shows('/ten-lines.html', /movl\s+\$42, %eax/);
  });

  test('the component of docs/browser.md is that of examples/react', () => {
    expect(inPage('jsx')).toBe(readFileSync(join(REPOSITORY, 'examples/react/assembly.jsx'), 'utf8'));
  });

  test.runIf(IS_FULL).each(['vite', 'react'])('examples/%s builds, and works below a path', async (name) => {
    const root = scratch();
    cpSync(join(REPOSITORY, 'examples', name), root, { recursive: true });
    mkdirSync(join(root, 'node_modules'));
    for (const [as, folder] of [
      ['art-aot', REPOSITORY],
      ['react', join(REPOSITORY, 'node_modules/react')],
      ['react-dom', join(REPOSITORY, 'node_modules/react-dom')],
    ] as const)
      symlinkSync(folder, join(root, 'node_modules', as));
    const vite = join(REPOSITORY, 'node_modules/vite/bin/vite.js');
    const below = `below/${name}`;
    run(process.execPath, [vite, 'build', '--outDir', join(site.folder, below), '--logLevel', 'error'], root);
    // The files that the project's `npm install` puts into public/art.
    symlinkSync(join(site.folder, 'art'), join(site.folder, below, 'art'));
    await shows(`/${below}/`, /movl\s+\$42, %eax/);
  });
});

/** The only example in a language in docs/browser.md. */
function inPage(language: string): string {
  const page = readFileSync(join(REPOSITORY, 'docs/browser.md'), 'utf8');
  return new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(page)?.[1] ?? '';
}
