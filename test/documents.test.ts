// The documents, as who reads them on a repository's page follows them.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { REPOSITORY } from './support/project.js';

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

test.each(documents)('%s: its links lead somewhere', (document) => {
  const links = [...textOf(document).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link as string);
  const inHere = links.filter((link) => !/^\w+:/.test(link));
  expect(inHere.filter((link) => !leadsSomewhere(document, link))).toEqual([]);
});
