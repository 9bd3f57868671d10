// Checks the links of the documents, as readers follow them on the repository's page.
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { linksOf, textOf } from '../support/documents.js';
import { REPOSITORY } from '../support/project.js';

const below = (folder: string) =>
  readdirSync(join(REPOSITORY, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
const documents = ['README.md', ...['docs', 'bench', 'wasm'].flatMap(below)].filter((name) => name.endsWith('.md'));

/** The anchor that GitHub gives to a heading. */
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

test.each(documents)('%s: its links lead somewhere', (document) => {
  expect(linksOf(document).filter((link) => !leadsSomewhere(document, link))).toEqual([]);
});
