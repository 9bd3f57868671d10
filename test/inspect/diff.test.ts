// `art diff`: the first entry, section, function and instruction that differ.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { build, type Difference, diff } from 'art-aot';
import { beforeAll, describe, expect, test } from 'vitest';
import { scratch } from '../support/native.js';
import { art, sha256 } from '../support/project.js';

const SOURCES = {
  'code.c': `
int one(int); int two(int);
int same(int x) { return x + 1; }
int scaled(int x) { return x * 3; }
int calls(int x) { return one(x) + 1; }
`,
  'data.c': 'const int table[] = {1, 2, 3};\nint variable = 7;\n',
  'gone.c': 'int gone;\n',
};
const CHANGED = {
  'code.c': SOURCES['code.c'].replace('x * 3', 'x * 5').replace('one(x)', 'two(x)'),
  'data.c': SOURCES['data.c'].replace('3}', '4}'),
  'new.c': 'int added;\n',
};

describe('two artifacts', () => {
  const folder = scratch();
  const [a, b] = [join(folder, 'a'), join(folder, 'b')];
  let difference: Difference;
  beforeAll(async () => {
    const options = { package: 'p', targets: ['x86_64'], emit: ['bitcode', 'object', 'asm'] } as const;
    for (const [name, files, flags] of [
      ['a', SOURCES, ['-O2']],
      ['b', CHANGED, ['-O2', '-DX']],
    ] as const) {
      const sources = join(folder, `sources-${name}`);
      mkdirSync(sources);
      for (const [file, text] of Object.entries(files)) writeFileSync(join(sources, file), text);
      await build({ ...options, inputs: ['.'], cwd: sources, out: join(folder, name), flags });
    }
    difference = await diff(a, b);
  });
  const entry = (path: string) => difference.entries.find((e) => e.path.endsWith(path));

  test('keys of the manifests', () => {
    expect(difference.same).toBe(false);
    expect(difference.manifest[0]).toEqual({ key: 'provenance.flags', a: ['-O2'], b: ['-O2', '-DX'] });
    expect(difference.manifest.slice(1).map(({ key }) => key)).toEqual(
      ['code.c', 'data.c', 'gone.c', 'new.c'].map((name) => `provenance.sources["${name}"]`),
    );
  });

  test('entries that only one has', () => {
    const only = (how: string) => difference.entries.filter((e) => e.how === how).map(({ path }) => path);
    expect(only('missing')).toEqual(
      ['asm', 'bitcode', 'objects'].map((kind) => expect.stringMatching(`^${kind}/.*/gone\\.c\\.`)),
    );
    expect(only('added')).toEqual(
      ['asm', 'bitcode', 'objects'].map((kind) => expect.stringMatching(`^${kind}/.*/new\\.c\\.`)),
    );
  });

  test('the function and the instruction in an object; a relocation counts where bytes are equal', () => {
    const found = entry('code.c.o')?.difference;
    expect(found?.symbols).toEqual(['scaled', 'calls']);
    expect(found?.sections).toEqual(['.text']);
    expect(found?.first).toMatchObject({ section: '.text', symbol: 'scaled' });
    expect(found?.first.a).toContain('(%rdi,%rdi,2)');
    expect(found?.first.b).toContain('(%rdi,%rdi,4)');
  });

  test('variables, and definitions of bitcode', () => {
    expect(entry('data.c.o')?.difference?.first).toMatchObject({
      section: '.rodata',
      symbol: 'table',
      offset: 8,
      a: '03 00 00 00',
      b: '04 00 00 00',
    });
    expect(entry('code.c.bc')?.difference?.symbols).toEqual(['scaled', 'calls', 'one', 'two']);
    expect(entry('code.c.bc')?.difference?.first).toEqual({
      symbol: 'scaled',
      a: expect.stringContaining('i32 %0, 3'),
      b: expect.stringContaining('i32 %0, 5'),
    });
    expect(entry('data.c.s')?.difference?.first.b).toBe('.long\t4                               # 0x4');
  });

  test('the command: 1 and the differences, 0 for the same, 2 for wrong usage', () => {
    const differs = art(['diff', a, join(b, 'artifact.json')]);
    expect([differs.status, differs.stderr]).toEqual([1, '']);
    expect(differs.stdout).toMatch(/^changed {2}objects\/.*code\.c\.o\n {4}first at \.text 'scaled' \+0x2\n/m);
    const json = art(['diff', a, b, '--json']);
    expect([json.status, JSON.parse(json.stdout)]).toEqual([1, { ok: true, ...difference }]);
    const same = art(['diff', a, a]);
    expect(same).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(art(['diff', a]).status).toBe(2);
    expect(art(['diff', a, join(folder, 'nothing')]).stderr).toContain('no such artifact');
  });

  test('one tar, compressed anew', async () => {
    const again = join(folder, 'again');
    cpSync(a, again, { recursive: true });
    const archive = gzipSync(gunzipSync(readFileSync(join(a, 'artifact.tar.gz'))), { level: 1 });
    writeFileSync(join(again, 'artifact.tar.gz'), archive);
    const manifest = JSON.parse(readFileSync(join(a, 'artifact.json'), 'utf8'));
    Object.assign(manifest.archive, { sha256: sha256(archive), size: archive.length });
    writeFileSync(join(again, 'artifact.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    expect(await diff(a, again)).toEqual({
      same: false,
      manifest: [],
      entries: [],
      other: ['archive: one tar, compressed differently'],
    });
    cpSync(join(a, 'artifact.tar.gz'), join(again, 'artifact.tar.gz'));
    writeFileSync(
      join(again, 'artifact.json'),
      JSON.stringify(JSON.parse(readFileSync(join(a, 'artifact.json'), 'utf8'))),
    );
    expect((await diff(a, again)).other).toEqual([expect.stringContaining('spelled differently')]);
  });
});
