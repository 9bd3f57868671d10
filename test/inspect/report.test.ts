// `art build --report`: the figures of a real build, and a page with them.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { art, manifestOf, project } from '../support/project.js';

test('figures and page say what was built, and what grew', () => {
  const root = project({
    'package.json': '{"name":"a<b>","version":"1.0.0"}',
    'a.c': 'int a(void) { return 1; }\n',
    'b.c': 'int b(void) { return 1; }\n',
  });
  const build = (out: string, ...more: string[]) => {
    const { status, stdout, stderr } = art(
      ['build', 'a.c', 'b.c', '--target', 'x86_64', '--emit', 'object', '--out', out, '--json', ...more],
      { cwd: root },
    );
    expect([status, stderr]).toEqual([0, '']);
    return JSON.parse(stdout);
  };
  build('one');
  writeFileSync(join(root, 'a.c'), 'int a(int x) { for (int i = 0; i < x; i++) x ^= i; return x; }\nint more;\n');
  const { report, manifest } = build('two', '--report', 'report.html', '--report-base', 'one');
  const target = 'x86_64-unknown-linux-musl';
  expect(report).toMatchObject({ package: 'a<b>-1.0.0', targets: [target], cache: null });
  expect(
    report.units.map(({ unit, cached, failed }: Record<string, unknown>) => [unit, cached, failed]).sort(),
  ).toEqual([
    ['a.c', false, false],
    ['b.c', false, false],
  ]);
  const sizes = Object.fromEntries(manifest.entries.map(({ path, size }: never) => [path, size]));
  const before = manifestOf(join(root, 'one')).entries as unknown as { path: string; size: number }[];
  for (const entry of report.entries) {
    expect(entry.size).toBe(sizes[entry.path]);
    expect(entry.before).toBe(before.find(({ path }) => path === entry.path)?.size);
  }
  const [largest, other] = report.functions;
  expect(largest).toMatchObject({ name: 'a', target, entry: `objects/${target}/a.c.o` });
  expect(largest.size).toBeGreaterThan(largest.before);
  expect(other).toMatchObject({ name: 'b', size: other.before });
  expect(report.sections.find(({ name }: { name: string }) => name === '.text').size).toBeGreaterThan(0);
  const page = readFileSync(join(root, 'report.html'), 'utf8');
  expect(page).toContain('a&lt;b&gt;-1.0.0');
  expect(page).not.toMatch(/<script|https?:|src=|href=/);
});

test('a base that this build replaces is read before; one that is missing, and options without effect, are said first', () => {
  const root = project({ 'a.c': 'int a(void) { return 1; }\n' });
  const words = ['build', 'a.c', '--target', 'x86_64', '--emit', 'object', '--out', 'out', '--json'];
  const build = (...more: string[]) => art([...words, ...more], { cwd: root });
  build();
  const sizes = () => manifestOf(join(root, 'out')).entries.map((entry) => (entry as { size?: number }).size);
  const [size] = sizes();
  writeFileSync(join(root, 'a.c'), 'int a(int x) { for (int i = 0; i < x; i++) x ^= i; return x; }\nint more;\n');
  const missing = build('--report', 'report.html', '--report-base', 'nowhere');
  expect(missing.stderr).toMatch(/^art: error: no such artifact: 'nowhere'\n$/);
  expect(missing.status).toBe(1);
  // Nothing was built.
  expect(sizes()).toEqual([size]);
  expect(build('--report-base', 'out')).toMatchObject({ status: 2, stderr: expect.stringContaining('needs --report') });
  expect(build('--report', 'report.html', '--watch')).toMatchObject({ status: 2 });
  const { entries } = JSON.parse(build('--report', 'reports/new/report.html', '--report-base', 'out').stdout).report;
  expect(readFileSync(join(root, 'reports/new/report.html'), 'utf8')).toContain('<html');
  expect(entries).toEqual([expect.objectContaining({ before: size })]);
  expect(entries[0].size).toBeGreaterThan(size as number);
});
