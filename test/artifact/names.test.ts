// Names in an artifact: those that readers refuse, those of real sources, and what art build reports about both.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, verify } from 'art-aot';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldPath, PATH, pathProblem } from '../../src/artifact/paths.js';
import { soundArtifact, textOf } from '../support/artifact.js';
import { art, project } from '../support/project.js';
import { propertyRuns } from '../support/properties.js';

const named = async (path: string) => {
  const made = await soundArtifact([{ path, bytes: Buffer.from('x') }]);
  return verify({ manifest: textOf(made.manifest), archive: made.archive });
};

describe('a manifest is refused that names', () => {
  test.each([
    ['a zero-width space', 'a\u200b.o', 'it holds U+200B, which shows nothing'],
    ['a soft hyphen', 'a\u00adb', 'it holds U+00AD'],
    ['a word joiner', 'a\u2060b', 'it holds U+2060'],
    ['a variation selector', '❤\ufe0f.o', 'it holds U+FE0F'],
    ['a variation selector of the supplement', 'a\u{e0100}', 'it holds U+E0100'],
    ['a tag character', 'a\u{e0041}', 'it holds U+E0041'],
    ['a Hangul filler', '\u3164', 'it holds U+3164'],
    ['a byte order mark', '\ufeffa', 'it holds U+FEFF'],
    ['an annotation', 'a\ufff9b', 'it holds U+FFF9'],
    ['a joiner between Latin letters', 'a\u200db', 'it holds U+200D'],
    ['two joiners in a row', 'می\u200c\u200cخ', 'it holds U+200C'],
    ['CON', 'CON', "it has 'CON' in it, a device of Windows"],
    ['nul with endings', 'a/nul.tar.gz', "it has 'nul' in it"],
    ['a device before a space', 'aux .c', "it has 'aux' in it"],
    ['COM1', 'com1/x', "it has 'com1' in it"],
    ['LPT and a superscript', 'LPT³.o', "it has 'LPT³' in it"],
    ['a console', 'CONIN$', "it has 'CONIN$' in it"],
    ['a trailing dot', 'a./b', 'it has a name that ends in a dot or a space'],
    ['a trailing space', 'a/b ', 'it has a name that ends in a dot or a space'],
    ['a stream', 'a.o:b', "it holds ':'"],
    ['.git', 'a/.git/hooks/b', 'it leads into a folder of git'],
    ['.GiT', '.GiT', 'it leads into a folder of git'],
    ['its short name', 'GIT~1/config', 'it leads into a folder of git'],
    ['129 names', `${'a/'.repeat(128)}a`, 'it has more than the 128 names'],
    ['nothing', '', 'it is not relative'],
  ])('%s', async (_, path, message) => {
    expect(await named(path)).toEqual([
      expect.stringContaining(`artifact.json: entries[0].path: must be a relative path`),
    ]);
    expect((await named(path))[0]).toContain(message);
  });
});

test.each([
  ['Persian, with a joiner', 'می\u200cخواهم.c.o'],
  ['Malayalam, with one at the end of a word', 'അവന\u0d4d\u200d.o'],
  ['Sinhala', 'ශ\u0dca\u200dරී.o'],
  ['an emoji', '❤.o'],
  ['names that only begin as a device does', 'console.o/auxiliary/nullable/com10/com/lpt.x/icon.o'],
  ['names that only begin as .git does', '.gitignore/.github/a.git/git~10/digit~1'],
  ['dots and spaces inside', '...a/. b/a b.c..o'],
  ['128 names', `${'a/'.repeat(127)}a`],
])('%s is a name like any other', async (_, path) => {
  expect(await named(path)).toEqual([]);
});

test('names that differ by joiners alone are one', async () => {
  const members = ['می\u200cخ', 'میخ'].map((path) => ({ path, bytes: Buffer.from('x') }));
  const made = await soundArtifact(members);
  expect((await verify({ manifest: textOf(made.manifest), archive: made.archive })).join()).toContain(
    'have one name where case is ignored',
  );
});

test('a path is refused with a reason, or holds nothing that a file system or a terminal takes for something else', () => {
  const odd = fc.constantFrom(
    '.',
    ' ',
    ':',
    '/',
    '\\',
    '\u200b',
    '\u200d',
    '\ufe0f',
    'CON',
    'aux',
    '.git',
    '~1',
    'ک',
    'a',
    'É',
    '\u{e0001}',
    '\u202e',
    '\n',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(odd, fc.string({ unit: 'grapheme', maxLength: 2 })), { maxLength: 12 }), (parts) => {
      const path = parts.join('');
      expect(pathProblem(path) === undefined).toBe(PATH.test(path));
      if (!PATH.test(path)) return;
      for (const name of path.split('/')) {
        expect(name).toMatch(/[^. ]$/);
        expect(name).not.toMatch(/^(con|prn|aux|nul|(com|lpt)[0-9]) *(\.|$)/i);
        expect(name).not.toMatch(/^(\.git|git~1)$/i);
      }
      expect(path.replace(/[\u200c\u200d]/g, '')).not.toMatch(/[\p{Cc}\p{Cs}\p{Default_Ignorable_Code_Point}:\\]/u);
      expect(foldPath(path)).not.toMatch(/[\u200c\u200d]/);
    }),
    { numRuns: propertyRuns(3000) },
  );
});

test('a source with such a name fails before anything is built, with a message that names it', async () => {
  const cwd = project({ 'package.json': '{}', 'ok.c': 'int ok;\n' });
  mkdirSync(join(cwd, 'x'));
  for (const [name, problem] of [
    ['aux.c', "has 'aux' in it, a device of Windows"],
    ['a\u200bb.c', 'holds U+200B, which shows nothing'],
    ['a:b.c', "holds ':', which parts a file from its streams on Windows"],
    ['.git/a.c', 'leads into a folder of git'],
  ] as const) {
    const source = join(cwd, 'x', name);
    execFileSync('mkdir', ['-p', join(source, '..')]);
    writeFileSync(source, 'int a;\n');
    const { status, stderr } = art(['build', 'ok.c', `x/${name}`, '--out', 'out'], { cwd });
    expect([status, stderr]).toEqual([2, expect.stringContaining(`${problem}: rename the file`)]);
  }
  await build({ cwd, inputs: ['ok.c'], out: join(cwd, 'out'), targets: ['x86_64'], package: 'p', flags: ['-O0'] });
  expect(await verify(join(cwd, 'out'))).toEqual([]);
});
