// The documentation as a site, and the report of the public API.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../support/native.js';
import { project } from '../support/project.js';

test('the report of the API is what the sources say', () => {
  run('node', ['scripts/docs/api.mjs', '--check']);
});

test('the sizes that pages name are those that there are', () => {
  run('node', ['scripts/docs/sizes.mjs', '--check']);
});

test('the site opens from a folder: every link leads to a file of it, and to a place that is there', () => {
  const site = join(project({}), 'site');
  run('node', ['scripts/docs/site.mjs', site]);
  const files = readdirSync(site, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.html'));
  const pages = new Map(files.map((name) => [join(site, name), readFileSync(join(site, name), 'utf8')]));
  expect(pages.size).toBeGreaterThan(100);
  const broken: string[] = [];
  for (const [page, text] of pages) {
    expect(text, page).not.toContain('<script');
    for (const [, link] of text.matchAll(/ (?:href|src)="([^"]+)"/g)) {
      if (/^\w+:/.test(link as string)) continue;
      const [path, anchor] = (link as string).split('#') as [string, string?];
      const target = path === '' ? page : resolve(dirname(page), path);
      const isThere =
        existsSync(target) && (!anchor || pages.get(target)?.includes(`id="${decodeURIComponent(anchor)}"`));
      if (!isThere) broken.push(`${page.slice(site.length)}: ${link}`);
    }
  }
  expect(broken).toEqual([]);
});
