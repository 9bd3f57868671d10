// A build with the cache gives the same bytes and messages as one without, whatever changes in the project. All steps
// share one cache, so that each can find the results of earlier states.
// ART_PROPERTY_RUNS=100000 npx vitest run --testTimeout=0 test/cache/property.test.ts
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { buildOn } from '../../src/builder/build.js';
import type { BuildOptions } from '../../src/config/options.js';
import { messageOf } from '../../src/errors.js';
import { MemoryStaging } from '../../src/platform/memory-staging.js';
import { inProcessPlatform } from '../support/in-process.js';
import { scratch } from '../support/native.js';
import { sha256 } from '../support/project.js';
import { propertyRuns } from '../support/properties.js';

const RUNS = propertyRuns(500);

/** A small pseudo-random generator (Mulberry32), so that a run can be repeated. */
function numbers(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** The possible contents of each file: only a few, so that states repeat. */
const CONTENTS: Readonly<Record<string, readonly string[]>> = {
  'p/src/a.c': [
    '#include "one.h"\n#include <two.h>\nint a(void) { return ONE + TWO; }\n',
    '#include "sub/../one.h"\nconst char *a = __DATE__ __TIME__ __TIMESTAMP__ __FILE__; int one = ONE;\n',
    '#if __has_include("maybe.h")\n#include "maybe.h"\n#endif\n#if __has_include(<only/there.h>)\nint there;\n#endif\nint a;\n',
    'static int unused;\n#include "one.h"\nint f(void) { int x; return ONE; }\n',
    '#include "../ext/far.h"\n#include <stdint.h>\nuint8_t a = FAR;\n',
    'const unsigned char a[] = {\n#if __has_embed("data.bin")\n#embed "data.bin"\n#else\n7\n#endif\n};\n',
    '#define NAME "one.h"\n#include NAME\n#include_next <two.h>\nint a = ONE;\n',
  ],
  'p/src/b.S': [
    '.data\n.incbin "src/data.bin"\n',
    '#include "one.h"\n.data\n.long ONE\n',
    '.data\n.incbin "data.bin"\n',
  ],
  'p/src/c.c': [
    'int c(int x) { return x / 0; }\n',
    '#include <far.h>\nint c = FAR;\n',
    '#include "two.h"\nint c = TWO;\n',
  ],
  'p/src/one.h': ['#define ONE 1\n', '#define ONE 11\n', '#warning "one"\n#define ONE 1\n'],
  'p/src/maybe.h': ['int maybe;\n', '#include "one.h"\nint maybe = ONE;\n'],
  'p/src/data.bin': ['abc', 'abcd'],
  'p/src/two.h': ['#define TWO 222\n'],
  'p/src/sub/one.h': ['#define ONE 99\n'],
  'p/inc1/two.h': ['#define TWO 2\n', '#include_next <two.h>\n', '#error "two"\n'],
  'p/inc1/one.h': ['#define ONE 111\n'],
  'p/inc2/two.h': ['#define TWO 22\n'],
  'p/inc2/one.h': ['#define ONE 1111\n'],
  'p/inc2/only/there.h': [''],
  'ext/far.h': ['#define FAR 5\n', '#pragma once\n#define FAR 6\n', '#include "near.h"\n'],
  'ext/near.h': ['#define FAR 7\n'],
};
const FILES = Object.keys(CONTENTS);
const SOURCES = FILES.filter((name) => /\.[cS]$/.test(name));
/** The possible links and their targets. */
const LINKS: readonly (readonly [string, string])[] = [
  ['p/inc1/one.h', '../src/one.h'],
  ['p/inc1/two.h', '../inc2/two.h'],
  ['p/src/sub', '../inc2'],
  ['p/src/maybe.h', '../../ext/far.h'],
  ['p/inc1', 'inc2'],
  ['p/src/one.h', 'nowhere.h'],
];
const FLAGS: readonly (readonly string[])[] = [
  ['-Iinc1', '-Iinc2'],
  ['-Iinc2', '-Iinc1'],
  ['-Iinc1', '-Iinc2', '-O1', '-g'],
  ['-Iinc1', '-I../ext', '-Wall'],
  ['-I../ext', '-Iinc2', '-Wall', '-Werror'],
  ['-Iinc1', '-isystem', 'inc2', '-DX=1', '-DY=2'],
  ['-Iinc1', '-isystem', 'inc2', '-DY=2', '-DX=1'],
  ['-Iinc2', '-include', 'inc2/two.h'],
];

const PLAN = {
  schema_version: '1.0',
  functions: [{ name: 'f', count: 1000, score: 1000, callers: [], decisions: ['hot'] }],
  ...{ edges: [], inline_candidates: [], hot: ['f'], cold: ['c'], split: [], order: ['f'] },
};

const remove = (path: string) => rmSync(path, { recursive: true, force: true });

/** A folder with a project, and random edits of it. */
class Project {
  steering: BuildOptions = {};
  options: BuildOptions = { flags: FLAGS[0] as string[], targets: ['x86_64'], emit: ['object'] };

  constructor(
    readonly place: string,
    public root: string,
    readonly next: (below: number) => number,
  ) {
    for (const name of FILES.filter((name) => !/maybe|sub|inc1.one|src.two/.test(name))) this.write(name, 0);
    writeFileSync(join(root, 'p/package.json'), '{"name":"p","version":"1.0.0"}');
  }

  one<T>(of: readonly T[]): T {
    return of[this.next(of.length)] as T;
  }

  write(name: string, which: number): void {
    const path = join(this.root, name);
    // Removes a dangling link or a folder that is in the way.
    for (const at of [dirname(path), path])
      if (lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink() && this.next(2) === 0) remove(at);
    try {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, (CONTENTS[name] as string[])[which] as string);
    } catch {
      remove(path);
    }
  }

  /** Makes one random edit. @returns a description for the message of a failure */
  edit(): string {
    const { root } = this;
    const name = this.one(FILES);
    const at = join(root, name);
    const kind = this.next(15);
    if (kind < 5) {
      const which = this.next((CONTENTS[name] as string[]).length);
      this.write(name, which);
      return `write ${name} ${which}`;
    }
    if (kind < 7 && !SOURCES.includes(name)) {
      remove(at);
      return `remove ${name}`;
    }
    if (kind === 7) {
      const [link, to] = this.one(LINKS);
      remove(join(root, link));
      mkdirSync(dirname(join(root, link)), { recursive: true });
      symlinkSync(to, join(root, link));
      return `link ${link} ${to}`;
    }
    if (kind === 8) {
      const [from, to] = [join(root, 'p/inc1'), join(root, 'p/inc0')];
      if (existsSync(to)) remove(from);
      if (existsSync(to)) renameSync(to, from);
      else if (existsSync(from)) renameSync(from, to);
      return 'rename inc1';
    }
    if (kind === 9) {
      // The same project in another folder.
      const other = join(this.place, this.one(['first', 'second', 'third/deeper']));
      if (other === root) return 'stay';
      remove(other);
      cpSync(root, other, { recursive: true, verbatimSymlinks: true });
      this.root = other;
      return `move to ${other}`;
    }
    if (kind === 10) {
      for (const file of readdirSync(join(root, 'p/src'))) {
        const path = join(root, 'p/src', file);
        if (existsSync(path)) utimesSync(path, this.next(1e9), this.next(1e9));
      }
      return 'times';
    }
    if (kind === 11) {
      this.steering = this.one([{}, { instrument: 'frontend' }, { plan: 'p.json' }] as const);
      return JSON.stringify(this.steering);
    }
    const options: BuildOptions[] = [
      { flags: this.one(FLAGS) },
      { color: this.next(2) === 0 },
      { sourceDateEpoch: this.next(3) * 86_400 },
      { emit: this.one([['object'], ['object', 'bitcode'], ['asm', 'object']] as const) },
      { targets: this.one([['x86_64'], ['x86_64'], ['aarch64'], ['wasm32']] as const) },
    ];
    const chosen = this.one(options);
    this.options = { ...this.options, ...chosen };
    return JSON.stringify(chosen);
  }
}

test(`${RUNS} edits`, { timeout: 600_000 }, async () => {
  const seed = Number(process.env.ART_PROPERTY_SEED ?? 1);
  const place = scratch();
  const platform = inProcessPlatform();
  const project = new Project(place, join(place, 'first'), numbers(seed));
  const done: string[] = [];
  let hits = 0;

  /** Everything that a build returns or prints. */
  const built = async (cache: string | false) => {
    const said: unknown[] = [];
    const staging = new MemoryStaging();
    const cwd = join(project.root, 'p');
    const before = platform.asked;
    const options: BuildOptions = {
      ...project.options,
      ...project.steering,
      inputs: ['src'],
      cwd,
      cache,
      jobs: 1,
      // Only the origin of a result may differ.
      onEvent: (event) => said.push({ ...event, cached: undefined }),
    };
    const outcome = await buildOn({ ...platform, stage: async () => staging }, options, cwd).then(
      ({ manifest }) => ({ manifest }),
      (error) => ({ error: messageOf(error), failures: (error as { failures?: unknown }).failures }),
    );
    const files = [...(staging.published ?? [])].map(([name, bytes]) => [name, sha256(bytes)]);
    return { outcome, said, files, asked: platform.asked - before };
  };

  mkdirSync(join(place, 'first/p'), { recursive: true });
  for (let run = 0; run < RUNS; run++) {
    for (let edits = project.next(3); edits >= 0; edits--) done.push(project.edit());
    writeFileSync(join(project.root, 'p/p.json'), JSON.stringify(PLAN));
    const { asked: needed, ...expected } = await built(false);
    const { asked, ...cached } = await built(join(place, 'cache'));
    const where = `ART_PROPERTY_SEED=${seed}, step ${run}: ${done.slice(-8).join('; ')}`;
    expect(cached, where).toEqual(expected);
    const { asked: again, ...second } = await built(join(place, 'cache'));
    expect(second, where).toEqual(expected);
    // Units that compiled before are not compiled again.
    if ('manifest' in expected.outcome) expect(again, where).toBe(0);
    if (needed > 0 && asked < needed) hits++;
  }
  // With fewer hits the test would not check cached results.
  expect(hits).toBeGreaterThan(RUNS / 10);
});
