// The whole loop with art only: instrument, link, run, merge, and build again; and the effect of the profile on the
// code.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  build as artBuild,
  type BuildEvent,
  type BuildOptions,
  type Manifest,
  plan as makePlan,
  mergeProfiles,
  showProfile,
  writePlan,
} from 'art-aot';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Elf, type ElfSymbol, readElf, STT_FUNC } from '../support/elf.js';
import { available, run, scratch } from '../support/native.js';
import { art, REPOSITORY, sha256 } from '../support/project.js';

const PROJECT = join(REPOSITORY, 'fixtures/profile');
const JSON_PROFILE = join(PROJECT, 'profile.json');
const ROUNDS = 100_000;
const TARGETS = { x86_64: [], aarch64: ['qemu-aarch64-static'] } as const;
type Architecture = keyof typeof TARGETS;
const ARCHITECTURES = Object.keys(TARGETS) as Architecture[];

const folder = scratch();
const path = (name: string) => join(folder, name);
const manifestOf = (artifact: string): Manifest => JSON.parse(readFileSync(join(artifact, 'artifact.json'), 'utf8'));

const unpack = (name: string) => run('tar', ['-xzf', join(path(name), 'artifact.tar.gz'), '-C', path(name)]);

/** Builds the program for both targets into a new folder, and unpacks it there. */
async function build(name: string, options: BuildOptions = {}): Promise<Manifest> {
  const { manifest } = await artBuild({
    inputs: [PROJECT],
    flags: ['-O2'],
    emit: ['object'],
    link: 'program',
    out: path(name),
    ...options,
  });
  unpack(name);
  return manifest;
}

/** Builds only the object for x86_64. @returns its digest */
async function buildObject(name: string, options: BuildOptions) {
  const { manifest } = await artBuild({
    inputs: [PROJECT],
    flags: ['-O2'],
    emit: ['object'],
    targets: ['x86_64'],
    out: path(name),
    ...options,
  });
  return { manifest, object: manifest.entries[0]?.sha256 };
}

const objectDigest = (manifest: Manifest) => manifest.entries.find((entry) => entry.type === 'object/x86_64')?.sha256;

const object = (name: string, architecture: Architecture) =>
  readElf(readFileSync(join(path(name), `objects/${architecture}-unknown-linux-musl/src/main.c.o`)));

/** Runs the program; if it is instrumented, it writes to `profile`. */
function runProgram(name: string, architecture: Architecture, profile = '/dev/null', rounds = ROUNDS): string {
  const program = join(path(name), `executables/${architecture}-unknown-linux-musl/program`);
  const [command = '', ...args] = [...TARGETS[architecture], program, String(rounds)];
  const env = { ...process.env, LLVM_PROFILE_FILE: profile };
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8', env });
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
}

/** The name of the section that contains a function. */
function sectionOf(elf: Elf, name: string): string | undefined {
  const symbol = elf.symbols.find((s) => s.name === name);
  return elf.sections[symbol?.section ?? 0]?.name;
}

/** The functions in a section, in the order of their addresses. */
const functionsIn = (elf: Elf, section: string) =>
  elf.symbols
    .filter((symbol) => (symbol.info & 15) === STT_FUNC && elf.sections[symbol.section]?.name === section)
    .sort((a, b) => a.value - b.value)
    .map(({ name }) => name);

/** Number of calls of mix in the function with the loop, which is the one that calls repair. */
function callsBesideLoop(elf: Elf): number {
  const functions = elf.symbols.filter(({ info }) => (info & 15) === STT_FUNC);
  const calls = (caller: ElfSymbol, callee: string) =>
    elf.sections[caller.section]?.relocations.filter(
      ({ symbol, offset }) => symbol.name === callee && offset >= caller.value && offset < caller.value + caller.size,
    ).length ?? 0;
  const loops = functions.filter((caller) => calls(caller, 'repair') > 0);
  expect(loops).toHaveLength(1);
  return calls(loops[0] as ElfSymbol, 'mix');
}

describe.skipIf(!available('qemu-aarch64-static', 'tar'))('fixtures/profile', () => {
  let plain: Record<Architecture, string>;
  const raw = (level: string, architecture: Architecture) => path(`${level}-${architecture}.profraw`);

  beforeAll(async () => {
    await build('plain');
    plain = { x86_64: runProgram('plain', 'x86_64'), aarch64: runProgram('plain', 'aarch64') };
    // --instrument does not take the next word as its value.
    const words = ['build', '--instrument', PROJECT, '-O2', '--link', 'program', '--emit', 'object'];
    expect(art([...words, '--out', path('counting-frontend'), '--quiet']).status).toBe(0);
    unpack('counting-frontend');
    expect(manifestOf(path('counting-frontend')).provenance.instrument).toBe('frontend');
    await build('counting-ir', { instrument: 'ir' });
  });

  describe.each(['frontend', 'ir'])('counters of the %s level', (level) => {
    const merged = path(`${level}.profdata`);

    test.each(ARCHITECTURES)('%s: the program counts, and does what it did', (architecture) => {
      expect(runProgram(`counting-${level}`, architecture, raw(level, architecture))).toBe(plain[architecture]);
      expect(existsSync(raw(level, architecture))).toBe(true);
    });

    test('art profile merge adds the runs of both targets up', async () => {
      const inputs = ARCHITECTURES.map((architecture) => raw(level, architecture));
      await mergeProfiles({ inputs, output: merged });
      const summary = await showProfile(merged);
      expect(summary).toMatchObject({ kind: `instr-${level}`, format: 'indexed', context_sensitive: false });
      expect(summary.entries[0]).toMatchObject({ name: 'mix', count: 2 * (ROUNDS + 1) });
    });

    test('the profile steers both targets: mix is inlined where it is hot, complain lies apart', async () => {
      const said: string[] = [];
      const onEvent = ({ type }: BuildEvent) => void (/^(warning|profile)$/.test(type) && said.push(type));
      const manifest = await build(`with-${level}`, { withProfile: [merged], onEvent });
      expect(manifest.profile_hash).toBe(sha256(readFileSync(merged)));
      expect(manifest.provenance.profile).toMatchObject({
        kind: `instr-${level}`,
        files: [{ sha256: manifest.profile_hash }],
        matches: { functions: { mismatched: 0 }, share: 1 },
      });
      expect(said).toEqual(['profile']);
      for (const architecture of ARCHITECTURES) {
        const [before, after] = [object('plain', architecture), object(`with-${level}`, architecture)];
        expect(sectionOf(before, 'complain')).toBe('.text');
        // The remaining calls, if any, are outside of the loop: one before it, and in native clang's code also one for
        // its first iteration.
        expect(callsBesideLoop(after)).toBeLessThan(callsBesideLoop(before));
        expect(sectionOf(after, 'complain')).toBe('.text.unlikely.');
        expect(runProgram(`with-${level}`, architecture)).toBe(plain[architecture]);
      }
    });
  });

  test('a raw profile is merged on the fly, and one target serves the other: the same code', async () => {
    const objects: unknown[] = [];
    for (const architecture of ARCHITECTURES) {
      const profile = raw('frontend', architecture);
      const { manifest, object } = await buildObject(`from-${architecture}`, { withProfile: [profile] });
      expect(manifest.profile_hash).toBe(sha256(readFileSync(profile)));
      objects.push(object);
    }
    expect(objects[0]).toBe(objects[1]);
  });

  test('art link brings the runtime where an object counts, and only there', () => {
    for (const name of ['counting-frontend', 'plain']) {
      const program = path(`${name}-linked`);
      expect(art(['link', path(name), '--target', 'x86_64', '-o', program])).toMatchObject({ status: 0 });
      const profile = path(`${name}.profraw`);
      run('env', [`LLVM_PROFILE_FILE=${profile}`, program, '1'], folder);
      expect(existsSync(profile)).toBe(name !== 'plain');
    }
  });

  test('an artifact profile: hot, cold, inlined, in order; by its plan as well', async () => {
    const manifest = await build('with-json', { withProfile: [JSON_PROFILE] });
    expect(manifest).toMatchObject({
      profile_hash: sha256(readFileSync(JSON_PROFILE)),
      provenance: {
        profile: {
          kind: 'artifact',
          matches: { functions: { total: 5, matched: 5, mismatched: 0 }, counts: { total: 100_028, matched: 100_028 } },
        },
      },
    });
    for (const architecture of ARCHITECTURES) {
      const elf = object('with-json', architecture);
      expect(callsBesideLoop(elf)).toBe(0);
      expect(functionsIn(elf, '.text.hot.')).toEqual(['main', 'mix']);
      expect(functionsIn(elf, '.text.unlikely.')).toEqual(['complain']);
      expect(runProgram('with-json', architecture)).toBe(plain[architecture]);
    }
    const plan = path('plan.json');
    expect(art(['plan', '--with-profile', JSON_PROFILE, '--out', plan])).toMatchObject({ status: 0 });
    const words = ['build', PROJECT, '-O2', '--target', 'x86_64', '--emit', 'object', '--plan', plan];
    const built = art([...words, '--out', path('with-plan')]);
    expect(built.stderr).toContain('\nprofile: 5 of its 5 functions are in the sources, with 100 % of its counts\n');
    const planned = manifestOf(path('with-plan'));
    expect(objectDigest(planned)).toBe(objectDigest(manifest));
    expect(planned).toMatchObject({
      profile_hash: sha256(readFileSync(plan)),
      provenance: { profile: { kind: 'plan', files: [{ sha256: sha256(readFileSync(plan)) }] } },
    });
  });

  test('an edited plan has the last word: what is cold in it is cold, and hot what is hot', async () => {
    const { functions, ...made } = await makePlan({ withProfile: [JSON_PROFILE] });
    const decided = { mix: ['cold'], complain: ['hot'] } as const;
    const isEdited = (name: string): name is keyof typeof decided => name in decided;
    const edited = {
      ...made,
      functions: functions.map((f) => (isEdited(f.name) ? { ...f, decisions: [...decided[f.name]] } : f)),
      inline_candidates: made.inline_candidates.filter(({ name }) => name !== 'mix'),
      hot: ['complain', 'run'],
      cold: ['mix'],
    };
    await writePlan(edited, path('edited.json'));
    await build('with-edited', { plan: path('edited.json') });
    for (const architecture of ARCHITECTURES) {
      const elf = object('with-edited', architecture);
      expect(functionsIn(elf, '.text.unlikely.')).toContain('mix');
      expect(functionsIn(elf, '.text.hot.')).toContain('complain');
      expect(runProgram('with-edited', architecture)).toBe(plain[architecture]);
    }
  });

  test('counters of the optimiser tell how often functions ran, as those of the front end do', async () => {
    for (const level of ['frontend', 'ir']) {
      const { warnings } = await mergeProfiles({
        inputs: [raw(level, 'x86_64')],
        output: path(`${level}.json`),
        format: 'json',
      });
      expect(warnings).toEqual([]);
      expect(JSON.parse(readFileSync(path(`${level}.json`), 'utf8')).functions).toMatchObject({
        main: 1,
        mix: ROUNDS + 1,
        complain: 0,
      });
    }
  });

  test('profiles of edges alone convert and show what a plan makes of them', async () => {
    writeFileSync(path('edges.json'), '{"edges":{"<root>->main":1,"main->f":7}}');
    const counts = { f: 7, main: 1 };
    const { entries } = await showProfile(path('edges.json'));
    expect(Object.fromEntries(entries.map(({ name, count }) => [name, count]))).toEqual(counts);
    const converted = async (input: string, format: 'json' | 'sample-text') => {
      await mergeProfiles({ inputs: [path(input)], output: path('converted'), format });
      return readFileSync(path('converted'), 'utf8');
    };
    expect(await converted('edges.json', 'sample-text')).toBe('f:7:7\n 0: 7\nmain:1:1\n 0: 1 f:7\n');
    const json = await converted('edges.json', 'json');
    expect(JSON.parse(json).functions).toEqual(counts);
    writeFileSync(path('edges.prof'), await converted('edges.json', 'sample-text'));
    // The JSON is written in the same way, whichever program has read the profile.
    expect(await converted('edges.prof', 'json')).toBe(json.replace(/^.*"<root>".*\n/m, ''));
  });

  test('profiles convert, and show what they hold', () => {
    const convert = (from: string, to: string, name: string) =>
      art(['profile', 'convert', from, '--to', to, '-o', path(name)]);
    expect(convert(JSON_PROFILE, 'sample-text', 'samples.txt')).toMatchObject({ status: 0, stderr: '' });
    expect(convert(path('samples.txt'), 'json', 'back.json')).toMatchObject({ status: 0, stderr: '' });
    const back = JSON.parse(readFileSync(path('back.json'), 'utf8'));
    expect(back.functions).toEqual(JSON.parse(readFileSync(JSON_PROFILE, 'utf8')).functions);
    expect(back.edges).toContainEqual({ caller: 'run', callee: 'mix', count: 100_000 });
    expect(convert(JSON_PROFILE, 'instr', 'no.profdata')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(`'${JSON_PROFILE}': `),
    });
    expect(existsSync(path('no.profdata'))).toBe(false);
    expect(art(['profile', 'show', JSON_PROFILE, '--top', '2']).stdout.split('\n').slice(1)).toEqual([
      '   count  function',
      '  100001  mix',
      '      25  repair',
      '          and 3 more',
      '',
    ]);
  });
});
