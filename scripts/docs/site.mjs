// Writes the documentation as a static site to site/, which opens from a folder: the pages of this repository and the
// API reference, with links between them, and without scripts.
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, posix, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Marked } from 'marked';
import { ENTRY_POINTS, extract } from './api.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const out = resolve(process.argv[2] ?? join(root, 'site'));

/** Markdown by the path of its page in the site, without the ending. */
const pages = new Map();
const addFile = (path) => pages.set(path.replace(/\.md$/, ''), readFileSync(join(root, path), 'utf8'));
for (const path of ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', 'THIRD_PARTY.md', 'bench/README.md'])
  addFile(path);
for (const name of readdirSync(join(root, 'docs'))) if (name.endsWith('.md')) addFile(`docs/${name}`);
for (const folder of ['wasm', 'examples'])
  for (const path of readdirSync(join(root, folder), { recursive: true }))
    if (/(^|\/)README\.md$/.test(path) && !path.includes('node_modules')) addFile(`${folder}/${path}`);

const temporary = mkdtempSync(join(tmpdir(), 'art-docs-'));
try {
  const documenter = join(
    dirname(createRequire(import.meta.url).resolve('@microsoft/api-documenter/package.json')),
    'bin/api-documenter',
  );
  for (const name of Object.keys(ENTRY_POINTS)) {
    // Each in a folder of its own, since for API Extractor both belong to the same package.
    const [models, made] = [join(temporary, name), join(temporary, `${name}-pages`)];
    mkdirSync(models);
    extract(name, models);
    execFileSync(process.execPath, [documenter, 'markdown', '-i', models, '-o', made], { stdio: 'pipe' });
    for (const file of readdirSync(made))
      pages.set(
        `api/${name}/${file.replace(/\.md$/, '')}`,
        readFileSync(join(made, file), 'utf8').replace(/^\[Home\].*$/m, ''),
      );
  }
} finally {
  rmSync(temporary, { recursive: true, force: true });
}

const title = (markdown, path) => /^#+ (.*)$/m.exec(markdown)?.[1].replace(/[`\\]/g, '') ?? path;
const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

const MENU = [
  ['art', 'README'],
  ...[...pages.keys()]
    .filter((path) => path.startsWith('docs/'))
    .sort()
    .map((path) => [title(pages.get(path), path), path]),
  ['API: art-aot', 'api/art-aot/index'],
  ['API: art-aot/browser', 'api/art-aot-browser/index'],
  ['Benchmarks', 'bench/README'],
  ['Changes', 'CHANGELOG'],
  ['Working on art', 'CONTRIBUTING'],
  ['Security', 'SECURITY'],
];

const nameOf = (path) => (path === 'README' ? 'index' : path);
const html = (from, to) => posix.relative(posix.dirname(from), `${nameOf(to)}.html`) || '.';

/**
 * Converts a link of a page for the site. A file that is not a page is copied to the site.
 * @returns undefined for a folder, which the site does not have
 */
function lead(href, page) {
  if (/^(\w+:|#)/.test(href)) return href;
  const [path, anchor] = href.split('#');
  const target = posix.normalize(posix.join(posix.dirname(page), path));
  const hash = anchor === undefined ? '' : `#${anchor}`;
  for (const known of [target.replace(/\.md$/, ''), posix.join(target, 'README')])
    if (pages.has(known)) return html(page, known) + hash;
  const file = join(root, target);
  if (relative(root, file).startsWith('..') || !existsSync(file))
    throw new Error(`${page}: no such page or file: ${href}`);
  if (statSync(file).isDirectory()) return undefined;
  mkdirSync(dirname(join(out, target)), { recursive: true });
  cpSync(file, join(out, target));
  return posix.relative(posix.dirname(page), target) + hash;
}

/** The anchor that GitHub gives to a heading. */
const anchorOf = (text) =>
  text
    .replace(/<[^>]*>|&[^;]+;/g, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-');

function render(page, markdown) {
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth }) {
        const text = this.parser.parseInline(tokens);
        return `<h${depth} id="${anchorOf(text)}">${text}</h${depth}>\n`;
      },
      link({ href, tokens }) {
        const text = this.parser.parseInline(tokens);
        return href === undefined ? text : `<a href="${escaped(href)}">${text}</a>`;
      },
      html: ({ text }) =>
        text.startsWith('<!--') ? '' : text.replace(/ src="([^"]+)"/g, (_, href) => ` src="${lead(href, page)}"`),
    },
    walkTokens(token) {
      if (token.type === 'link' || token.type === 'image') token.href = lead(token.href, page);
    },
  });
  const menu = MENU.map(([text, path]) => {
    const here = path === page ? ' aria-current="page"' : '';
    return `<li><a href="${html(page, path)}"${here}>${escaped(text)}</a></li>`;
  });
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title(markdown, page))}</title>
<link rel="stylesheet" href="${posix.relative(posix.dirname(page), 'style.css')}">
<nav aria-label="Pages"><ul>
${menu.join('\n')}
</ul></nav>
<main>
${marked.parse(markdown)}</main>
</html>
`;
}

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
cpSync(join(root, 'scripts/docs/style.css'), join(out, 'style.css'));
for (const [path, markdown] of pages) {
  const file = join(out, `${nameOf(path)}.html`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, render(path, markdown));
}
process.stdout.write(`${pages.size} pages: ${join(out, 'index.html')}\n`);
