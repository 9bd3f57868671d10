// How well a profile fits a build: its effect, the messages, and the errors.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, build, mergeProfiles, plan, showProfile, writePlan } from 'art-aot';
import { beforeAll, describe, expect, test } from 'vitest';
import { available, run, scratch } from '../support/native.js';
import { art, sha256 } from '../support/project.js';

const folder = scratch();
const path = (name: string) => join(folder, name);
const write = (name: string, text: string | Uint8Array) => {
  writeFileSync(path(name), text);
  return path(name);
};
const digest = (name: string) => sha256(readFileSync(path(name)));

/** Builds both sources in this process; `said` has the warnings and the reports on the profile. */
async function make(name: string, options: BuildOptions = {}) {
  const said: unknown[] = [];
  const { manifest } = await build({
    inputs: ['a.c', 'b.c'],
    cwd: folder,
    flags: ['-O2'],
    targets: ['x86_64'],
    out: name,
    onEvent: (event) => void (/^(warning|profile)$/.test(event.type) && said.push(event)),
    ...options,
  });
  const entries = Object.fromEntries(manifest.entries.map((entry) => [entry.path.split('/').at(-1), entry.sha256]));
  return { manifest, entries, said };
}

/** Options for tests that need only one source. */
const ALONE = { inputs: ['a.c'], emit: ['object'] } as const;

/** A text profile with counters, and with these hashes of the control flow of `often` and `seldom`. */
const counters = (often: number, seldom: number) =>
  `often\n# Func Hash:\n${often}\n# Num Counters:\n1\n5\n\nseldom\n# Func Hash:\n${seldom}\n# Num Counters:\n1\n1\n`;
/** The hash of a function without branches. */
const STRAIGHT = 24;

beforeAll(() => {
  write('package.json', '{"name":"two","version":"1.0.0"}');
  write('a.c', 'int often(int x) { return x * 3; }\nint seldom(int x) { return often(x) + 1; }\n');
  write('b.c', 'int other(int x) { return x / 3; }\n');
  write('sound.json', '{"functions":{"often":1}}');
});

describe('what a profile changes', () => {
  test('only the units that it names; and another profile only what depends on it', async () => {
    const profile = (often: number) => write(`${often}.json`, `{"functions":{"often":${often},"seldom":1}}`);
    const none = await make('none');
    const hot = await make('hot', { withProfile: [profile(1000)] });
    const cold = await make('cold', { withProfile: [profile(0)] });
    for (const { entries } of [hot, cold]) {
      expect([entries['b.c.o'], entries['b.c.bc']]).toEqual([none.entries['b.c.o'], none.entries['b.c.bc']]);
      expect(entries['a.c.o']).not.toBe(none.entries['a.c.o']);
    }
    expect(hot.entries['a.c.o']).not.toBe(cold.entries['a.c.o']);
    expect(none.manifest.profile_hash).toBe(null);
    expect(none.manifest.provenance).not.toHaveProperty('profile');
  });

  test('two profiles are merged: the hash is that of what was used', async () => {
    write('one.json', '{"functions":{"often":1}}');
    write('two.json', '{"functions":{"often":2}}');
    const inputs = ['one.json', 'two.json'];
    await mergeProfiles({ inputs, output: 'merged.json', cwd: folder });
    const { manifest } = await make('twice', { withProfile: inputs, manifestOnly: true });
    expect(manifest.profile_hash).toBe(digest('merged.json'));
    expect(manifest.provenance.profile?.files).toEqual(inputs.map((name) => ({ sha256: digest(name) })));
  });
});

describe('how much of it fits', () => {
  test('a partial match says its share', async () => {
    write('partial.json', '{"functions":{"often":3,"gone":1}}');
    const { manifest, said } = await make('partial', { withProfile: ['partial.json'], ...ALONE });
    expect(said).toEqual([{ type: 'profile', matched: 1, functions: 2, share: 0.75 }]);
    expect(manifest.provenance.profile?.matches).toEqual({
      functions: { total: 2, matched: 1, mismatched: 0 },
      counts: { total: 4, matched: 3 },
      share: 0.75,
    });
  });

  test('none is an error, and nothing is published', async () => {
    write('foreign.json', '{"functions":{"gone":1}}');
    await expect(make('foreign', { withProfile: ['foreign.json'], ...ALONE })).rejects.toMatchObject({
      code: 'PROFILE_UNMATCHED',
      isUsage: false,
      message:
        'the profile matches no function of the build: none of the 2 functions here has a name in it; is it of this program?',
    });
    expect(existsSync(path('foreign/artifact.json'))).toBe(false);
  });

  test('code that is another than when it was counted is named', async () => {
    write('older.proftext', counters(STRAIGHT + 1, STRAIGHT));
    const { manifest, said } = await make('older', { withProfile: ['older.proftext'], ...ALONE });
    expect(said).toContainEqual({
      type: 'warning',
      message: "the profile is older than the code of 'often', for which it was not used: record it again",
    });
    expect(manifest.provenance.profile?.matches?.functions).toEqual({ total: 2, matched: 1, mismatched: 1 });
    write('oldest.proftext', counters(STRAIGHT + 1, STRAIGHT + 1));
    await expect(make('oldest', { withProfile: ['oldest.proftext'], ...ALONE })).rejects.toMatchObject({
      code: 'PROFILE_UNMATCHED',
      message: expect.stringContaining("the code of 'often', 'seldom' has changed since it was made"),
    });
  });

  test('a C++ function is named as its source has it, and not beyond measure', async () => {
    write(
      'c.cpp',
      `struct ${'Long'.repeat(40)} {};\nint twice(int x) { return 2 * x; }\nint f(${'Long'.repeat(40)}) { return 1; }\n`,
    );
    const long = `_Z1f160${'Long'.repeat(40)}`;
    write(
      'cpp.proftext',
      counters(STRAIGHT + 1, STRAIGHT + 1)
        .replace('often', '_Z5twicei')
        .replace('seldom', long),
    );
    const message = await make('cpp', { withProfile: ['cpp.proftext'], inputs: ['c.cpp'], emit: ['object'] }).catch(
      (error) => error.message,
    );
    expect(message).toMatch(/the code of 'f\(LongLong\w+…\w+LongLong\)', 'twice\(int\)' has changed/);
  });

  test('samples fit every function that they name, inlined or not: they have no hashes', async () => {
    write('inlined.prof', 'seldom:10:1\n 0: 1\n 1: often:9\n  0: 9\n');
    const { manifest, said } = await make('inlined', { withProfile: ['inlined.prof'], ...ALONE });
    expect(said).toEqual([{ type: 'profile', matched: 2, functions: 2, share: 1 }]);
    expect(manifest.provenance.profile?.matches?.functions).toEqual({ total: 2, matched: 2, mismatched: 0 });
  });

  test.skipIf(!available('llvm-profdata-22'))(
    'samples whose names are hashes fit; names do not come back',
    async () => {
      write('names.prof', 'seldom:10:1\n 0: 1\n 1: often:9\n  0: 9\n');
      run(
        'llvm-profdata-22',
        ['merge', '--sample', '--extbinary', '--use-md5', 'names.prof', '-o', 'md5.prof'],
        folder,
      );
      const named = await make('named', { withProfile: ['names.prof'], ...ALONE });
      const hashed = await make('hashed', { withProfile: ['md5.prof'], ...ALONE });
      expect(hashed.said).toEqual([{ type: 'profile', matched: 2, functions: 2, share: 1 }]);
      expect(hashed.entries).toEqual(named.entries);
      expect(await showProfile(path('md5.prof'))).toMatchObject({ hashed_names: true, functions: 2, max: 9 });
      for (const format of ['json', 'sample-text'] as const)
        await expect(mergeProfiles({ inputs: ['md5.prof'], output: 'no', format, cwd: folder })).rejects.toMatchObject({
          code: 'PROFILE_INVALID',
          message: expect.stringMatching(/^'md5\.prof': it has hashes/),
        });
      await mergeProfiles({ inputs: ['md5.prof', 'names.prof'], output: 'both.prof', cwd: folder });
      expect(await showProfile(path('both.prof'))).toMatchObject({ hashed_names: true, functions: 2, max: 18 });
    },
  );

  test('IR that a profile cannot apply to is told from code that has changed', async () => {
    write('l.ll', 'define i32 @often(i32 %x) {\n  ret i32 %x\n}\n');
    write('ll.prof', 'often:10:1\n 0: 1\n');
    write('ll.proftext', counters(STRAIGHT, STRAIGHT));
    const ir = { inputs: ['l.ll'], emit: ['object'] } as const;
    for (const [profile, why] of [
      ['ll.prof', "it has 'often', but their module was made without clang's -fprofile-sample-use"],
      ['ll.proftext', "it has 'often', but counters of the front end do not apply to IR"],
    ] as const)
      await expect(make('ll', { withProfile: [profile], ...ir })).rejects.toMatchObject({
        code: 'PROFILE_UNMATCHED',
        message: expect.stringContaining(why),
      });
    const both = await make('beside', { withProfile: ['ll.proftext'], inputs: ['a.c', 'l.ll'], emit: ['object'] });
    expect(both.said).toEqual([{ type: 'profile', matched: 2, functions: 2, share: 1 }]);
  });

  test.each(['own.proftext', 'sound.json'])('%s fits code for wasm32 as any other', async (profile) => {
    write('own.proftext', counters(STRAIGHT, STRAIGHT));
    const { said } = await make(`wasm-${profile}`, { withProfile: [profile], targets: ['wasm32'], ...ALONE });
    expect(said).toMatchObject([{ type: 'profile', share: 1 }]);
  });

  test('where no unit can tell, nothing is claimed: a manifest alone', async () => {
    const alone = await make('alone', { withProfile: ['sound.json'], manifestOnly: true });
    expect(alone.manifest.profile_hash).toBe(digest('sound.json'));
    expect(alone.manifest.provenance.profile).toEqual({
      kind: 'artifact',
      files: [{ sha256: digest('sound.json') }],
      matches: null,
    });
  });
});

describe('what LLVM passes over is said', () => {
  test('counters that do not go together, when profiles are merged and when a build merges them', async () => {
    write('one.proftext', counters(STRAIGHT, STRAIGHT));
    write('other.proftext', counters(STRAIGHT, STRAIGHT).replace('1\n5\n', '2\n5\n5\n'));
    const inputs = ['one.proftext', 'other.proftext'];
    const { warnings } = await mergeProfiles({ inputs, output: 'merged.profdata', cwd: folder });
    expect(warnings).toEqual([expect.stringMatching(/^'other\.proftext': often: .*counter/)]);
    const { said } = await make('passed-over', { withProfile: inputs, ...ALONE });
    expect(said).toContainEqual({ type: 'warning', message: warnings[0] });
    const cli = art(['profile', 'merge', ...inputs.map(path), '-o', path('merged.profdata')]);
    expect(cli).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(/^art: warning: .*other\.proftext': often: /),
    });
  });

  test('static functions of one name, and counters that are not those of entries, where symbols and counts are all', async () => {
    write('static.proftext', counters(STRAIGHT, STRAIGHT).replace('often', 'a.c:f').replace('seldom', 'b.c:f'));
    write('ir-static.proftext', `:ir\n${counters(STRAIGHT, STRAIGHT)}`);
    write('entries.proftext', `:ir\n:entry_first\n${counters(STRAIGHT, STRAIGHT)}`);
    const warnings = async (input: string) =>
      (await mergeProfiles({ inputs: [input], output: 'static.json', format: 'json', cwd: folder })).warnings;
    expect(await warnings('static.proftext')).toEqual([
      expect.stringMatching(/^'f' stands for a\.c:f and b\.c:f: their counts are added/),
    ]);
    expect(JSON.parse(readFileSync(path('static.json'), 'utf8')).functions).toEqual({ f: 6 });
    expect(await warnings('ir-static.proftext')).toEqual([
      expect.stringMatching(/^'ir-static\.proftext': not every function has a counter at its entry/),
    ]);
    expect(await warnings('entries.proftext')).toEqual([]);
    const said: string[] = [];
    await plan({ withProfile: ['static.proftext'], cwd: folder, onWarning: (message) => void said.push(message) });
    expect(said).toHaveLength(1);
  });
});

describe('what is refused, before anything is built', () => {
  const refusal = (options: BuildOptions) =>
    make('refused', options).then(
      () => undefined,
      (error) => `${error.code}: ${error.message}`,
    );

  test('files that are no profile, or do not go together', async () => {
    write('samples.prof', 'often:1:1\n 0: 1\n');
    write('counts.proftext', counters(STRAIGHT, STRAIGHT));
    write('ir.proftext', `:ir\n${counters(STRAIGHT, STRAIGHT)}`);
    const made = await plan({ withProfile: ['sound.json'], cwd: folder });
    await writePlan(made, path('plan.json'));
    const profiles = (...withProfile: string[]) => refusal({ withProfile });
    expect(await profiles('a.c')).toMatch(/^PROFILE_INVALID: 'a\.c' is no profile: it is of no known format/);
    expect(await profiles('gone.json')).toMatch(/^INPUT_NOT_FOUND: no such file: 'gone\.json'/);
    expect(await profiles('plan.json')).toContain("'plan.json' is a plan, no profile: give it with --plan");
    expect(await refusal({ plan: 'sound.json' })).toContain("'sound.json' is no valid plan");
    expect(await profiles('samples.prof', 'counts.proftext')).toContain('their counts do not add up');
    expect(await profiles('sound.json', 'counts.proftext')).toContain("'sound.json' is an artifact profile");
    expect(await profiles('counts.proftext', 'ir.proftext')).toMatch(/^PROFILE_INVALID: /);
    await mergeProfiles({ inputs: ['counts.proftext'], output: 'counts.profdata', cwd: folder });
    write('cut.profdata', readFileSync(path('counts.profdata')).subarray(0, 60));
    expect(await profiles('cut.profdata')).toMatch(/^PROFILE_INVALID: 'cut\.profdata': malformed/);
    expect(existsSync(path('refused'))).toBe(false);
  });

  test('other versions: an older profile is to be made anew, a newer one needs a newer art', async () => {
    const raw = Buffer.alloc(256);
    Buffer.from([0x81, ...Buffer.from('rforpl'), 0xff]).copy(raw);
    const version = async (number: number) => {
      raw.writeBigUInt64LE(BigInt(number), 8);
      write('version.profraw', raw);
      return refusal({ withProfile: ['version.profraw'] });
    };
    const said = (number: number) =>
      `PROFILE_INVALID: 'version.profraw': unsupported raw profile format version ${number}; this version of art reads 10: `;
    expect(await version(9)).toBe(`${said(9)}build the program again, and run it`);
    expect(await version(11)).toBe(`${said(11)}use a newer art`);
  });

  test('options that do not go together, in words of the command line as well', async () => {
    expect(await refusal({ withProfile: ['sound.json'], plan: 'plan.json' })).toBe(
      "INVALID_OPTION: 'withProfile' and 'plan' do not go together: name one of them",
    );
    expect(await refusal({ withProfile: [] })).toMatch(/^INVALID_OPTION: option 'withProfile' must be/);
    const cli = (...options: string[]) => {
      const { status, stderr } = art(['build', ...options, path('a.c')]);
      return `${status} ${stderr}`;
    };
    expect(cli('--with-profile', 'x', '--instrument')).toMatch(
      /^2 .*'withProfile' and 'instrument' do not go together/,
    );
    expect(cli('--plan', 'x', '--plan', 'y')).toMatch(/^2 .*one plan, and 'x' is named already/);
    expect(cli('--instrument=all')).toMatch(/^2 .*'instrument' must be one of frontend, ir/);
    expect(cli('-fprofile-use=x')).toMatch(/^2 .*'-fprofile-use=x'.*--with-profile/);
  });
});

test('art.config.json says the same, paths from its folder; options win', async () => {
  write('art.config.json', '{"sources":["a.c"],"targets":["x86_64"],"flags":["-O2"],"withProfile":["sound.json"]}');
  const config = { config: path('art.config.json'), manifestOnly: true };
  const { manifest } = await make('config', { ...config, inputs: [] });
  expect(manifest.profile_hash).toBe(digest('sound.json'));
  const counting = await make('counting', { ...config, inputs: [], instrument: 'ir' });
  expect(counting.manifest).toMatchObject({ profile_hash: null, provenance: { instrument: 'ir' } });
});
