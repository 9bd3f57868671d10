import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ShownPaths, showPaths } from '../../src/toolchain/diagnostics.js';
import { propertyRuns } from '../support/properties.js';

const PATHS: ShownPaths = {
  unit: { path: 'src/a.c', shown: '../p/src/a.c' },
  project: '../p/',
  mounts: [{ at: '/include/0', shown: '../far' }],
};
const shown = (text: string) => showPaths(text, PATHS);

test.each([
  ['src/a.c:1:2: error: no', '../p/src/a.c:1:2: error: no'],
  ['./src/a.c:1:2: error: no', '../p/src/a.c:1:2: error: no'],
  ['/src/src/a.c:1:2: error: no', '../p/src/a.c:1:2: error: no'],
  ['src/h.h:12:2: note: here', '../p/src/h.h:12:2: note: here'],
  ['/include/0/far.h:3:1: warning: w', '../far/far.h:3:1: warning: w'],
  ['In file included from src/a.c:1:', 'In file included from ../p/src/a.c:1:'],
  ['                 from src/h.h:9:', '                 from ../p/src/h.h:9:'],
  [
    '\u001b[1msrc/a.c:1:2: \u001b[0m\u001b[0;1;31merror: \u001b[0m',
    '\u001b[1m../p/src/a.c:1:2: \u001b[0m\u001b[0;1;31merror: \u001b[0m',
  ],
  [
    "clang: error: no such file or directory: '/src/src/a.c'",
    "clang: error: no such file or directory: '../p/src/a.c'",
  ],
  ["'/include/0/sub/x.h' is shadowed", "'../far/sub/x.h' is shadowed"],
  ['a b/c d.c:1:2: error: no', '../p/a b/c d.c:1:2: error: no'],
])('%j reads %j', (inside, outside) => {
  expect(shown(inside)).toBe(outside);
});

test.each([
  ['1 error generated.'],
  ["clang: error: unknown argument: '-x'"],
  ["clang: error: cannot select 'src/a.c'"],
  ['    1 | #include "src/a.c" // src/a.c: yes'],
  ['      |          ^~~~~~~'],
  ['/clang/include/stddef.h:1:2: note: here'],
  ['<built-in>:1:2: note: expanded from here'],
  ["use of undeclared identifier 'src'"],
  [''],
  ['\n\n'],
])('%j stays as it is', (text) => {
  expect(shown(text)).toBe(text);
});

test.each([
  ['<inline asm>:1:2: error: no'],
  ['error: Invalid encoding'],
  ['\u001b[0;1;31merror: \u001b[0mInvalid encoding'],
  ['warning: nothing in here'],
])('%j, which names no file, gets the unit before it', (text) => {
  expect(shown(text).endsWith(`: ${text}`)).toBe(true);
});

test('source lines that clang quotes stay as they are, whatever they hold', () => {
  const source = fc.string({ unit: 'grapheme', maxLength: 60 }).filter((s) => !/[\n\r']/.test(s));
  fc.assert(
    fc.property(source, fc.integer({ min: 1, max: 9999 }), (line, number) => {
      const quoted = `${String(number).padStart(5)} | ${line}`;
      expect(shown(quoted)).toBe(quoted);
    }),
    { numRuns: propertyRuns(1000) },
  );
});

test('text without a colon or a quote stays as it is', () => {
  const text = fc.string({ unit: 'binary', maxLength: 200 }).map((s) => s.replace(/[:']/g, ' '));
  fc.assert(
    fc.property(text, (t) => {
      expect(shown(t)).toBe(t);
    }),
    { numRuns: propertyRuns(1000) },
  );
});

test('a long text takes no time that grows faster than it does', () => {
  const noise = 'x'.repeat(200_000);
  for (const text of [noise, ` ${noise}:`, 'In file included from '.repeat(20_000), `'/src/${noise}`]) {
    const started = process.cpuUsage();
    shown(text);
    expect(process.cpuUsage(started).user / 1e6).toBeLessThan(2);
  }
});
