import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitShellWords } from '../../src/config/shell-words.js';
import { propertyRuns } from '../support/properties.js';

/** The ways in which build systems quote words. */
const QUOTINGS: Record<string, (word: string) => string> = {
  single: (word) => `'${word.replaceAll("'", String.raw`'\''`)}'`,
  double: (word) => `"${word.replace(/[\\"$`]/g, '\\$&')}"`,
  backslash: (word) => (word === '' ? "''" : word.replace(/[^\w/.=-]/gu, (c) => (c === '\n' ? "'\n'" : `\\${c}`))),
  python: (word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`),
};

const word = fc.oneof(
  fc.string({ unit: fc.constantFrom(...`\\"'\`$#*?[]{}()<>|&;!~ \t\r\n=%^-aé`) }),
  fc.string({ unit: 'grapheme' }),
);

test.each(Object.keys(QUOTINGS))('any arguments in %s quotes come back the same', (name) => {
  const quote = QUOTINGS[name] as (word: string) => string;
  fc.assert(
    fc.property(fc.array(word), fc.constantFrom(' ', '  ', '\t', ' \\\n '), (argv, blank) => {
      expect(splitShellWords(argv.map(quote).join(blank))).toEqual(argv);
    }),
    { numRuns: propertyRuns(2000) },
  );
});

test('words are those of the shell', () => {
  // Without characters that the shell would expand or treat as an operator, except in quotes.
  const piece = fc.oneof(
    fc.string({ unit: fc.constantFrom(...'ab=-./:,@%+') }),
    fc.string({ unit: fc.constantFrom(...'ab "\\$`#;*\n') }).map((s) => `'${s}'`),
    fc.array(fc.constantFrom(...`ab '#;*\n`, '\\"', '\\\\', '\\$', '\\`', '\\a', '\\\n')).map((s) => `"${s.join('')}"`),
    fc.constantFrom('\\ ', '\\"', "\\'", '\\\\', '\\a', '\\$', '\\#', ' ', '\t', '\\\n'),
  );
  fc.assert(
    fc.property(
      fc.array(
        fc.array(piece).map((p) => p.join('')),
        { minLength: 20 },
      ),
      (lines) => {
        const script = lines.map((line) => `printf '%s\\0' @ ${line}\n`).join('');
        const { stdout, stderr } = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
        expect(stderr).toBe('');
        const words = lines.flatMap((line) => ['@', ...(splitShellWords(line) ?? ['unfinished'])]);
        expect(words).toEqual(stdout.split('\0').slice(0, -1));
      },
    ),
    { numRuns: propertyRuns(40) },
  );
});

test('quotes end inside words, and what a shell would expand stays as it is', () => {
  expect(splitShellWords(String.raw`cc -DX=\"a\ b\" "-DY=\"c d\"" -D'Z=e f'g a#b #c $HOME *.c`)).toEqual([
    'cc',
    '-DX="a b"',
    '-DY="c d"',
    '-DZ=e fg',
    'a#b',
    '#c',
    '$HOME',
    '*.c',
  ]);
  expect(splitShellWords('')).toEqual([]);
});

test.each(['"a', "'a", 'a\\', `a "b'c`, '"a\\"'])('%j has no end', (line) => {
  expect(splitShellWords(line)).toBeUndefined();
});
