// glibc's stubs and headers, compared with this machine's glibc and clang.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { openArchive } from '../../src/platform/node/assets.js';
import { atLeast, isGlibcVersion, NEWEST_GLIBC, OLDEST_GLIBC } from '../../src/targets/glibc-versions.js';
import { libraryFiles } from '../../src/toolchain/glibc/libraries.js';
import { stubLibrary } from '../../src/toolchain/glibc/stub.js';
import { type GlibcSymbol, readSymbolTable, symbolsOf } from '../../src/toolchain/glibc/symbols.js';
import { tarTree } from '../../src/toolchain/tar-tree.js';
import { IS_FULL } from '../support/full.js';
import { ARCHITECTURES, type Architecture, clangFor, link, versionsAskedFor, writeSysroot } from '../support/glibc.js';
import { available, run, scratch } from '../support/native.js';

const folder = scratch();
const tableOf = (architecture: Architecture) =>
  readSymbolTable(new TextDecoder().decode(tarTree(openArchive(`glibc-${architecture}`)).read('symbols.txt')));
/** The versions whose headers are compiled; npm run test:full compiles more of them. */
const VERSIONS = IS_FULL
  ? ['2.17', '2.23', '2.28', '2.31', '2.34', '2.36', '2.38', NEWEST_GLIBC]
  : ['2.17', '2.28', NEWEST_GLIBC];
const ALL = Array.from({ length: 43 - 17 + 1 }, (_, i) => `2.${17 + i}`);

/** The symbols of an ELF file as name@version or name@@version, and the sizes of data objects. */
function symbolsIn(path: string): Map<string, number> {
  const symbols = new Map<string, number>();
  for (const line of run('llvm-readelf-22', ['--dyn-syms', '--wide', path]).split('\n')) {
    const found = /^\s*\d+: [0-9a-f]+\s+(\d+) (\S+) .*\s(\S+) (\S+@@?GLIBC_[\d.]+)$/.exec(line);
    if (found && found[3] !== 'UND' && found[3] !== 'ABS')
      symbols.set(found[4] as string, found[2] === 'OBJECT' ? Number(found[1]) : 0);
  }
  return symbols;
}

test('the versions that there are, and no other spelling', () => {
  expect([OLDEST_GLIBC, NEWEST_GLIBC]).toEqual([ALL[0], ALL.at(-1)]);
  expect(ALL.every(isGlibcVersion)).toBe(true);
  for (const wrong of ['', '2', '2.16', '2.44', '2.017', '2.2.5', '3.17', '2.17 ', '2.1e1', 'latest', '2.-17'])
    expect([wrong, isGlibcVersion(wrong)]).toEqual([wrong, false]);
});

describe.each(ARCHITECTURES)('the table of %s', (architecture) => {
  const table = tableOf(architecture);
  const all = (glibc: string) => [...table.keys()].flatMap((library) => symbolsOf(table, library, glibc));

  it.each(ALL)(
    'has nothing newer than %s in it, one default a name and library, and all that the version before had',
    (glibc) => {
      for (const library of table.keys()) {
        const symbols = symbolsOf(table, library, glibc);
        expect(symbols.filter(({ version }) => !atLeast(glibc, version))).toEqual([]);
        const defaults = symbols.filter(({ isDefault }) => isDefault).map(({ name }) => name);
        expect(defaults.length).toBe(new Set(defaults).size);
      }
      const names = new Set(all(glibc).map(({ name, version }) => `${name}@${version}`));
      const before = ALL[ALL.indexOf(glibc) - 1];
      const lost = before ? all(before).filter(({ name, version }) => !names.has(`${name}@${version}`)) : [];
      // Symbols that may disappear: placeholders of the libraries that became part of libc.so.6, and symbols that only
      // its loader used.
      expect(
        lost
          .filter(({ name }) => !/^(malloc_[gs]et_state|__libpthread_version_placeholder)$/.test(name))
          .map(({ name }) => name),
      ).toEqual(glibc === '2.34' ? expect.any(Array) : []);
    },
  );

  it('lets new programs use a name as long as glibc did', () => {
    const usable = (name: string) =>
      ALL.filter((glibc) => all(glibc).some((symbol) => symbol.name === name && symbol.isDefault));
    expect(usable('printf')).toEqual(ALL);
    expect(usable('pthread_create')).toEqual(ALL);
    expect(usable('stime').at(-1)).toBe('2.30');
    expect(usable('sys_errlist').at(-1)).toBe('2.31');
    expect(usable('__malloc_hook').at(-1)).toBe('2.33');
    expect(usable('stat')[0]).toBe('2.33');
    expect(usable('getrandom')[0]).toBe('2.25');
    expect(usable('__isoc23_strtol')[0]).toBe('2.38');
    expect(usable('uimaxabs')).toEqual(['2.42']);
  });
});

describe.runIf(available('llvm-readelf-22', 'clang-22', 'ld.lld-22'))('a stub', () => {
  const NAME = fc.stringMatching(/^[a-z_][a-z0-9_]{0,20}$/);
  const VERSION = fc.constantFrom('2.2.5', '2.17', '2.4', '2.34');
  const SYMBOLS = fc
    .uniqueArray(fc.tuple(NAME, VERSION, fc.option(fc.tuple(fc.integer({ min: 1, max: 2000 }), fc.boolean()))), {
      selector: ([name, version]) => `${name}@${version}`,
      maxLength: 60,
    })
    .map((found): GlibcSymbol[] => {
      const seen = new Set<string>();
      return found.map(([name, version, data], i) => {
        const isDefault = !seen.has(name);
        seen.add(name);
        const place = `${data?.[1] ? 'r' : ''}${i}`;
        return { name, version, isDefault, data: data ? { size: data[0], place, readOnly: data[1] } : undefined };
      });
    });

  it('is read by others as it was meant', () => {
    const path = join(folder, 'stub.so');
    fc.assert(
      fc.property(fc.constantFrom(...ARCHITECTURES), SYMBOLS, (architecture, symbols) => {
        writeFileSync(path, stubLibrary(architecture, 'libstub.so.1', symbols));
        const expected = symbols.map(({ name, version, isDefault, data }) => [
          `${name}${isDefault ? '@@' : '@'}GLIBC_${version}`,
          data?.size ?? 0,
        ]);
        expect([...symbolsIn(path)].sort()).toEqual(expected.sort());
      }),
      { numRuns: 25 },
    );
    expect(run('llvm-readelf-22', ['--dynamic-table', path])).toContain('[libstub.so.1]');
  });

  const real = '/lib/x86_64-linux-gnu/libc.so.6';
  const version = existsSync(real) ? /GLIBC (2\.\d+)/.exec(readFileSync(real, 'latin1'))?.[1] : undefined;

  describe.runIf(process.arch === 'x64' && version && isGlibcVersion(version))(`of this machine's glibc`, () => {
    const glibc = version as string;
    const files = libraryFiles('x86_64', glibc, () => tableOf('x86_64'));

    it.each([...files.keys()].filter((name) => /\.so\.\d$/.test(name)))(
      '%s has the symbols of the real one',
      (name) => {
        const stub = join(folder, name);
        writeFileSync(stub, (files.get(name) as () => Uint8Array)());
        expect(symbolsIn(stub)).toEqual(symbolsIn(`/lib/x86_64-linux-gnu/${name}`));
      },
    );

    it('gives the program that the real ones give, to the byte', () => {
      const sysroot = join(folder, 'real');
      writeSysroot(sysroot, 'x86_64', glibc);
      const object = join(folder, 'program.o');
      const words = clangFor(sysroot, 'x86_64');
      run('clang-22', [...words, '-O1', '-fPIE', '-c', 'fixtures/glibc/program.c', '-o', object]);
      const linked = (name: string, libraries: readonly string[]) => {
        link(sysroot, 'x86_64', object, join(folder, name), libraries);
        return readFileSync(join(folder, name));
      };
      const host = (...names: string[]) => names.map((name) => `/lib/x86_64-linux-gnu/${name}`);
      const nonshared = join(sysroot, 'usr/lib/libc_nonshared.a');
      const ours = linked('ours', ['-lresolv', '-lm', '-lc']);
      const theirs = linked('theirs', [...host('libresolv.so.2', 'libm.so.6', 'libc.so.6'), nonshared]);
      expect(ours.equals(theirs)).toBe(true);
      expect(run(join(folder, 'ours'), []).split('\n')[0]).toBe('42 4 1 2 file');
    });
  });
});

/** Languages and macros that programs for glibc choose; the last two redirect the most names. */
const WAYS = [
  ['-xc', '-std=c11'],
  ['-xc', '-std=c23'],
  ['-xc++', '-std=c++17'],
  ['-xc', '-std=gnu23', '-O2', '-D_FORTIFY_SOURCE=3', '-D_FILE_OFFSET_BITS=64'],
  ['-xc++', '-std=gnu++23', '-O2', '-D_FORTIFY_SOURCE=3', '-D_FILE_OFFSET_BITS=64'],
];

/** Headers that cannot be included on these architectures, with glibc itself neither. */
const UNUSABLE = /^(regexp|sys\/elf|sys\/vm86)\.h$/;
const LIBRARIES = ['m', 'pthread', 'dl', 'rt', 'util', 'resolv', 'anl', 'c'].map((name) => `-l${name}`);
/** With _FORTIFY_SOURCE there are several functions of each of these names, so clang cannot take the address of one. */
const OVERLOADED = /^open(at)?(64)?$/;
/** Before 2.34 resolv.h defines macros of these names for other functions. */
const MACROS = /^(res_(n?(mkquery|query|querydomain|search|send)|[dhmo](ail|wn)?n?ok)|dn_(comp|expand|skipname))$/;

describe.runIf(available('clang-22', 'ld.lld-22')).each(ARCHITECTURES)('the headers of %s', (architecture) => {
  const table = tableOf(architecture);

  describe.each(VERSIONS)('for glibc %s', (glibc) => {
    const sysroot = join(folder, `${architecture}-${glibc}`);
    const unit = join(folder, `${architecture}-${glibc}.c`);
    const words = [...clangFor(sysroot, architecture), '-D_GNU_SOURCE', '-Wno-#warnings'];
    const names = (from: (symbol: GlibcSymbol) => boolean, version = glibc) => [
      ...new Set(
        [...table.keys()]
          .flatMap((library) => symbolsOf(table, library, version))
          .filter(from)
          .map(({ name }) => name),
      ),
    ];
    let includes = '';

    beforeAll(() => {
      writeSysroot(sysroot, architecture, glibc);
      const own = run('tar', ['-tzf', 'wasm/sysroot/dist/glibc-headers.tar.gz']).split('\n');
      const headers = own.flatMap(
        (path) => new RegExp(`^\\./(?:generic|${architecture})/((?!bits/|gnu/).*\\.h)$`).exec(path)?.[1] ?? [],
      );
      const there = headers.filter((name) => !UNUSABLE.test(name) && existsSync(join(sysroot, 'usr/include', name)));
      expect(there.length).toBeGreaterThan(200);
      includes = there
        .sort()
        .map((name) => `#include <${name}>\n`)
        .join('');
      writeFileSync(unit, includes);
    });

    it.each(WAYS)('compile: %s %s', (...way) => {
      run('clang-22', [...words, '-Werror', '-Wno-deprecated-declarations', '-fsyntax-only', ...way, unit]);
    });

    it.runIf(architecture === 'x86_64')('compile each alone', () => {
      const units = includes
        .trim()
        .split('\n')
        .map((line, i) => {
          const path = join(folder, `alone-${i}.c`);
          writeFileSync(path, `${line}\n`);
          return path;
        });
      run('clang-22', [...words, '-Werror', '-std=c11', '-fsyntax-only', ...units]);
    });

    it('declare no function that it has not', () => {
      const has = new Set(names(({ isDefault }) => isDefault));
      const later = names(({ isDefault }) => isDefault, NEWEST_GLIBC).filter(
        (name) => !has.has(name) && !isLinkedIn(name, glibc) && !MACROS.test(name),
      );
      expect(declared(words, includes, later)).toEqual([]);
    });

    it('declare only what links', () => {
      const ours = names(({ isDefault }) => isDefault).filter((name) => !OVERLOADED.test(name) && !OF_SVE.test(name));
      for (const way of WAYS.filter(([language]) => language === '-xc')) {
        const there = declared([...words, ...way], includes, ours);
        expect(there.length).toBeGreaterThan(1500);
        writeFileSync(unit, `${includes}${uses(there)}int main(void) { return 0; }\n`);
        const program = join(folder, 'all');
        run('clang-22', [...words, '-w', ...way, '-fPIC', '-c', unit, '-o', `${program}.o`]);
        link(sysroot, architecture, `${program}.o`, program, ['--defsym=__dso_handle=0', ...LIBRARIES]);
        expect(versionsAskedFor(program).filter((version) => !atLeast(glibc, version))).toEqual([]);
      }
    });
  });
});

/** Functions on vectors whose size is known only in code for machines with SVE. */
const OF_SVE = /^_ZGVs/;

/** Functions in libc_nonshared.a, which therefore exist for every version. */
function isLinkedIn(name: string, glibc: string): boolean {
  return !atLeast(glibc, '2.33') && /^([fl]?stat(64)?|fstatat(64)?|mknod(at)?)$/.test(name);
}

const uses = (names: readonly string[]) => names.map((name) => `void *use_${name} = (void *)&${name};\n`).join('');

/** The names that the headers declare: all except those that clang reports as undeclared. */
function declared(words: readonly string[], includes: string, names: readonly string[]): string[] {
  const path = join(folder, 'names.c');
  writeFileSync(path, includes + uses(names));
  const out = run('sh', [
    '-c',
    'clang-22 "$@" 2>&1 || true',
    'sh',
    ...words,
    '-w',
    '-ferror-limit=0',
    '-fsyntax-only',
    path,
  ]);
  const unknown = new Set(
    [...out.matchAll(/error: (?:use of|call to) undeclared (?:identifier|function|library function) '(\w+)'/g)].map(
      ([, name]) => name,
    ),
  );
  return names.filter((name) => !unknown.has(name));
}
