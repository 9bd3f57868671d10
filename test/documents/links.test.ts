// The documents, as who reads them on a repository's page follows them.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { packed } from '../support/packed.js';
import { REPOSITORY } from '../support/project.js';

const below = (folder: string) =>
  readdirSync(join(REPOSITORY, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
const documents = ['README.md', ...['docs', 'bench', 'wasm'].flatMap(below)].filter((name) => name.endsWith('.md'));
const textOf = (document: string) => readFileSync(join(REPOSITORY, document), 'utf8').replace(/^```.*?^```/gms, '');

/** As GitHub names the place of a heading. */
const anchorOf = (heading: string) =>
  heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-');

function leadsSomewhere(document: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? document : normalize(join(dirname(document), path));
  if (!existsSync(join(REPOSITORY, target))) return false;
  if (anchor === undefined) return true;
  return [...textOf(target).matchAll(/^#+ (.*)$/gm)].some(([, heading]) => anchorOf(heading as string) === anchor);
}

/** The links of a document that lead to another one, or to a place in it. */
const linksOf = (document: string) =>
  [...textOf(document).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link]) => link as string)
    .filter((link) => !/^\w+:/.test(link));

test.each(documents)('%s: its links lead somewhere', (document) => {
  expect(linksOf(document).filter((link) => !leadsSomewhere(document, link))).toEqual([]);
});

test('in the package, too, the links of its documents lead somewhere', () => {
  const paths = packed();
  const isThere = (document: string, link: string) => {
    const target = normalize(join(dirname(document), link.replace(/#.*/, '') || '.'));
    return link.startsWith('#') || paths.some((path) => path === target || path.startsWith(`${target}/`));
  };
  const pages = paths.filter((path) => path.endsWith('.md'));
  expect(pages).toContain('README.md');
  expect(
    pages.flatMap((page) =>
      linksOf(page)
        .filter((link) => !isThere(page, link))
        .map((link) => `${page}: ${link}`),
    ),
  ).toEqual([]);
});
