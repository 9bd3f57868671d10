// The files that npm puts into the package.
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { linksOf } from '../support/documents.js';
import { run } from '../support/native.js';
import { REPOSITORY } from '../support/project.js';

let paths: string[] = [];
let report: { size: number; unpackedSize: number; files: { path: string }[] };
beforeAll(() => {
  [report] = JSON.parse(run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts']));
  paths = report.files.map(({ path }) => path);
});

test('the links of its documents lead to files that it has', () => {
  const isThere = (document: string, link: string) => {
    const target = normalize(join(dirname(document), link.replace(/#.*/, '')));
    return link.startsWith('#') || paths.some((path) => path === target || path.startsWith(`${target}/`));
  };
  const documents = paths.filter((path) => path.endsWith('.md'));
  expect(documents).toContain('README.md');
  const broken = documents.flatMap((document) =>
    linksOf(document)
      .filter((link) => !isThere(document, link))
      .map((link) => `${document}: ${link}`),
  );
  expect(broken).toEqual([]);
});

test('it is no larger than is promised', () => {
  expect(report.size).toBeLessThanOrEqual(55e6);
  expect(report.unpackedSize).toBeLessThanOrEqual(170e6);
});

test('it has the declarations of its two entry points, and none of what lies behind them', () => {
  const { exports } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8'));
  const named = [exports['.'].types, exports['./browser'].types].map((path: string) => normalize(path));
  expect(paths.filter((path) => path.endsWith('.d.ts')).sort()).toEqual(named.sort());
});

test('it has a command of its own name, since npx takes others from elsewhere', () => {
  const { name, bin } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8'));
  expect(bin[name]).toBe(bin.art);
});
