// A session in a tab: its results as data, compared with those of art in Node and of native clang.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, openArtifact } from 'art-aot';
import { beforeAll, describe, expect, test } from 'vitest';
import { describeSite } from '../support/browser.js';
import { IS_FULL } from '../support/full.js';
import { available, run, scratch } from '../support/native.js';
import { project, REPOSITORY, sha256 } from '../support/project.js';
import { ENDLESS } from '../support/same.js';

const C = `#include "twice.h"
/* é */ int thrice(int n) { return n * 3; }
int six(int n) {
  int sum = 0;
  for (int i = 0; i < n; i++)
    sum += twice(thrice(i));
  return sum;
}
`;
const FILES = { 'main.c': C, 'twice.h': 'static inline int twice(int n) { return n + n; }\n' };

describeSite('a session', (site, kind) => {
  beforeAll(async () => {
    await site.tab.run(async ({ art }) => {
      const events: unknown[] = [];
      const session = await art.open({ assets: '/art/', store: 'kept', onEvent: (event) => void events.push(event) });
      Object.assign(globalThis, { session, events });
    });
  });

  const compile = (files: Record<string, string>, options: object = {}) =>
    site.tab.run(
      async ({ given }) => {
        const { object, bitcode, sarif, ...result } = await (
          globalThis as unknown as { session: import('../../src/browser.js').Session }
        ).session.compile(given.files, given.options);
        const hex = async (bytes: Uint8Array<ArrayBuffer>) =>
          [...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))]
            .map((byte) => byte.toString(16).padStart(2, '0'))
            .join('');
        const made = {
          ...result,
          log: JSON.parse(JSON.stringify(sarif())),
          object: object && (await hex(object)),
          bitcode: bitcode && (await hex(bitcode)),
        };
        // If several lines share an object, Firefox's driver returns it only for the first of them, so the result is
        // copied.
        return JSON.parse(JSON.stringify(made)) as typeof made;
      },
      { files, options },
    );

  test.each([
    ['x86_64', '-O0'],
    ['x86_64', '-O2'],
    ['aarch64', '-O2'],
  ])('listings for %s with %s are those of art build, and say where lines come from', async (target, flag) => {
    const root = project(FILES);
    const out = join(root, 'out');
    await build({ cwd: root, inputs: ['main.c'], out, flags: [flag], targets: [target], emit: ['asm', 'object'] });
    const artifact = await openArtifact(out);
    const made = async (type: string) => {
      const entry = artifact.entries().find((entry) => entry.type.startsWith(type));
      return Buffer.from(await artifact.read(entry as NonNullable<typeof entry>));
    };
    const wants = ['assembly', 'ir', 'disassembly'];
    const { ok, assembly, ir, disassembly } = await compile(FILES, { target, flags: [flag], wants });
    expect(ok).toBe(true);
    expect(assembly?.text).toBe((await made('asm')).toString());
    for (const listing of [assembly, ir, disassembly]) {
      const lines = listing?.lines ?? [];
      expect(lines.length).toBe(listing?.text.replace(/\n$/, '').split('\n').length);
      const from = new Set(lines.map((line) => line && `${line.file}:${line.line}`));
      // Optimised code may come from other lines.
      const certain = flag === '-O0' ? ['main.c:2', 'main.c:5', 'twice.h:1'] : ['main.c:2', 'main.c:5'];
      expect([...from]).toEqual(expect.arrayContaining(certain));
      expect(listing?.text).not.toMatch(/\.loc\b|debug_|!dbg|!DI/);
    }
    if (flag === '-O0') {
      const at = assembly?.text.split('\n').findIndex((line) => line.includes('imull\t$3')) ?? -1;
      expect(assembly?.lines[at]).toEqual({ file: 'main.c', line: 2 });
    }
    // Wanted without listings, the object has the same bytes as from a build.
    const { object } = await compile(FILES, { target, flags: [flag], wants: ['object'] });
    expect(object).toBe(sha256(await made('object')));
  });

  test('sections and symbols', async () => {
    const { contents } = await compile(FILES, { wants: ['contents', 'assembly'] });
    expect(contents?.sections.map(({ name }) => name)).toContain('.text');
    expect(contents?.sections.filter(({ name }) => /debug/.test(name))).toEqual([]);
    expect(contents?.symbols).toContainEqual(
      expect.objectContaining({ name: 'six', binding: 'global', type: 'function' }),
    );
  });

  test('diagnostics are data: places, ranges, notes, flags, fix-its; and SARIF', async () => {
    const source = 'void f(char *text);\n/* é */ void g(int n) { f(n); return 1 }\n';
    const { ok, diagnostics, text, log } = await compile({ 'main.c': source });
    expect(ok).toBe(false);
    const [conversion, missing] = diagnostics;
    expect(conversion).toMatchObject({
      severity: 'error',
      flag: '-Wint-conversion',
      file: 'main.c',
      line: 2,
      column: 27, // in UTF-16 code units; clang counts bytes and prints 28
      ranges: [{ line: 2, column: 27, endLine: 2, endColumn: 28 }],
      notes: [{ severity: 'note', file: 'main.c', line: 1, message: expect.stringContaining('passing argument') }],
    });
    const inserted = { file: 'main.c', line: 2, column: 39, endLine: 2, endColumn: 39, text: ';' };
    expect(diagnostics.flatMap(({ fixits }) => fixits)).toContainEqual(inserted);
    expect(missing?.message).toBeDefined();
    const plain = text.replace(new RegExp(`${'\u001b'}\\[[0-9;]*m`, 'g'), '');
    expect(plain).toMatch(/^main\.c:2:28: error: incompatible integer to pointer conversion/m);
    expect(plain).not.toMatch(/fix-it:|\{2:/);
    const [run] = log.runs;
    expect(log.version).toBe('2.1.0');
    expect(run.tool.driver).toMatchObject({
      name: 'clang',
      rules: expect.arrayContaining([{ id: '-Wint-conversion' }]),
    });
    expect(run.results[0]).toMatchObject({
      ruleId: '-Wint-conversion',
      level: 'error',
      locations: [
        { physicalLocation: { artifactLocation: { uri: 'main.c' }, region: { startLine: 2, startColumn: 27 } } },
      ],
    });
    expect(run.results.flatMap((result: { fixes?: object[] }) => result.fixes ?? [])[0]).toMatchObject({
      artifactChanges: [{ replacements: [{ insertedContent: { text: ';' } }] }],
    });
  });

  test('progress says how much of a file has come, and its size', async () => {
    expect((await compile({ 'a.c': 'int a;' })).ok).toBe(true);
    const events = (await site.tab.page.evaluate('events')) as {
      type: string;
      file: string;
      loaded: number;
      total: number;
    }[];
    const size = readFileSync(join(REPOSITORY, 'wasm/dist/llvm.wasm')).length;
    expect(events.filter(({ file }) => file === 'llvm.wasm').at(-1)).toMatchObject({ loaded: size, total: size });
  });

  describe('a unit of C++ that begins as one before it', () => {
    const main = (body: string) => ({
      'main.cpp': `// Greets.\n#include <iostream>\n#include <map>\n\n#define TWICE(x) ((x) + (x))\n${body}\n`,
    });
    const sound = main(
      'static int unused(int n) { return TWICE(n); }\nint main() { std::map<int, int> m{{1, 2}}; std::cout << m[1] << std::endl; }',
    );
    const broken = main(
      'struct key { int n; };\nint main() { std::map<key, int> m; m[key{1}] = 2; std::cout << m; return no }',
    );
    const cases: [string, Record<string, string>, string[]][] = [
      ['sound', sound, ['-O2', '-Wall']],
      ['broken', broken, ['-std=c++20']],
      // clang's output does not depend on the browser, so one browser is enough.
      ...(IS_FULL && kind === 'chromium' ? programs() : []),
    ];

    test.each(cases)('goes on from there, and the same comes of it: %s', async (_, files, flags) => {
      const found = await site.tab.run(
        async ({ given: { files, flags } }) => {
          const { session } = globalThis as unknown as { session: import('../../src/browser.js').Session };
          const send = Worker.prototype.postMessage;
          const compiled: string[] = [];
          Worker.prototype.postMessage = function (message, rest) {
            if (message?.emit)
              compiled.push(`${message.instead ?? 'unit'}${message.preamble?.compiled ? ' from there' : ''}`);
            return send.call(this, message, rest as StructuredSerializeOptions);
          };
          const results: string[] = [];
          for (let time = 0; time < 3; time++) {
            const { object, ...result } = await session.compile(files, { flags, wants: ['assembly', 'ir', 'object'] });
            results.push(JSON.stringify({ ...result, object: object && Array.from(object).join() }));
          }
          Worker.prototype.postMessage = send;
          return { compiled, results: results.map((text) => text === results[0]), ...JSON.parse(results[0] as string) };
        },
        { files, flags },
      );
      // Requests may be repeated, since archives are fetched when they are needed.
      expect([...new Set(found.compiled)]).toEqual(['unit', 'preamble', 'unit from there']);
      expect(found.results).toEqual([true, true, true]);
      if (files === sound) expect(found.text).toContain('unused function');
      if (files === broken) expect(found.text).toContain('In file included from main.cpp:3:');
    });

    test.each([
      ['what its headers say of themselves', { 'main.cpp': '#include <ext/hash_map>\nint a;\n' }, []],
      [
        'flags that name folders',
        { 'main.cpp': '#include <own.h>\nint a = OWN;\n', 'own.h': '#define OWN 1' },
        ['-I.'],
      ],
      ['debug info', { 'main.cpp': '#include <type_traits>\nint a;\n' }, ['-g']],
    ])('is compiled from its first line where that could make a difference: %s', async (_, files, flags) => {
      const results = [];
      for (let time = 0; time < 3; time++) {
        const { ok, text, assembly } = await compile(files, { flags });
        results.push([ok, text, assembly?.text]);
      }
      expect(results[1]).toEqual(results[0]);
      expect(results[2]).toEqual(results[0]);
    });
  });

  describe('demangled names', () => {
    const wants = ['assembly', 'ir', 'disassembly', 'contents'];
    const unit = `template <class K, class V> struct Map { V &operator[](const K &); V *find(K, int (*)(K, K)) const; };
template <class K, class V> V &Map<K, V>::operator[](const K &key) { return *find(key, nullptr); }
struct Length { int n; Length(int n); Length operator+(Length) const; explicit operator bool() const; virtual ~Length(); };
Length Length::operator+(Length other) const { return Length(n + other.n); }
Length::Length(int n) : n(n) {}
Length::operator bool() const { return n; }
Length::~Length() {}
Length operator""_km(unsigned long long n) { return Length(n * 1000); }
template <class... T> auto sum(T... all) { return (all + ...); }
template auto sum(int, long, char);
namespace { __attribute__((noinline)) int hidden(int n) { static int seen; return seen += n; } }
int count(Map<const char *, int> &sizes) {
  auto twice = [&](auto n) { return n + sizes["a"]; };
  return twice(2) + hidden(3);
}
`;
    /** llvm-cxxfilt takes the `$` before a name, of comdats and operands, for a part of the name. */
    const filtered = (text: string) =>
      spawnSync('llvm-cxxfilt-22', {
        input: text.replace(/(?<!\w)\$(?=_Z)/g, '$%%'),
        encoding: 'utf8',
      }).stdout.replaceAll('$%%', '$');

    test.each([
      ['x86_64', '-O0', ''],
      [
        'x86_64',
        '-O1',
        '#include <map>\n#include <string>\nint &at(std::map<std::string, int> &m) { return m["a"]; }\n',
      ],
      ['aarch64', '-O2', ''],
      ['x86_64-windows-gnu', '-O1', ''],
      ['wasm32-wasip1', '-O1', ''],
    ])('for %s with %s are those of llvm-cxxfilt, on the same lines', async (target, flag, more) => {
      const files = { 'unit.cpp': more + unit };
      const plain = await compile(files, { target, flags: [flag], wants });
      const shown = await compile(files, { target, flags: [flag], wants, demangle: true });
      expect(shown.assembly?.text).toMatch(/^Length::operator\+\(Length\) const:/m);
      expect(shown.assembly?.text).toMatch(/\t\(anonymous namespace\)::hidden\(int\)/);
      expect(shown.ir?.text).toContain('@auto sum<int, long, char>(int, long, char)(');
      if (more !== '') expect(shown.assembly?.text).toMatch(/^at\(std::\w+::map<.*>&\):/m);
      const symbol = expect.objectContaining({ name: 'Length::operator bool() const', mangled: '_ZNK6LengthcvbEv' });
      expect(shown.contents?.symbols).toContainEqual(symbol);
      const isAsked = available('llvm-cxxfilt-22');
      for (const kind of ['assembly', 'ir', 'disassembly'] as const) {
        const { text, lines } = plain[kind] ?? {};
        expect([kind, shown[kind] === undefined]).toEqual([kind, /^disassembly wasm/.test(`${kind} ${target}`)]);
        if (text === undefined) continue;
        expect(shown[kind]).toMatchObject({ lines, mangled: text });
        if (isAsked) expect(shown[kind]?.text).toBe(filtered(text));
      }
      const names = (made: typeof plain) => made.contents?.symbols.map(({ name }) => `${name}\n`).join('') ?? '';
      if (isAsked) expect(names(shown)).toBe(filtered(names(plain)));
    });

    test('in what codeOnly leaves of a listing', async () => {
      const files = { 'unit.cpp': unit };
      const only = async (demangle: boolean) => {
        const { assembly } = await compile(files, { flags: ['-O1'], demangle });
        return site.tab.run(({ art, given }) => art.codeOnly(given as never), assembly);
      };
      const [plain, shown] = [await only(false), await only(true)];
      expect(shown.text).toMatch(/^\(anonymous namespace\)::hidden\(int\):/m);
      expect(shown.text).not.toMatch(/^\s+\.(globl|type|size|section)/m);
      expect(shown.text).not.toMatch(/^\.Lfunc_end/m); // only .size uses it
      expect([shown.mangled, shown.lines]).toEqual([plain.text, plain.lines]);
      if (available('llvm-cxxfilt-22')) expect(shown.text).toBe(filtered(plain.text));
    });

    test('of other letters; strings of the program stay', async () => {
      const text = '_Z2f1i " _Z2f2i';
      const source = `int größe(int n) { return n; }\nint f() { return größe(1); }\nextern const char text[] = ${JSON.stringify(text)};\n`;
      for (const target of ['x86_64', 'arm64-apple-macos']) {
        const made = await compile({ 'a.cpp': source }, { target, wants, demangle: true });
        expect(made.assembly?.text).toMatch(/(callq|bl)\t"größe\(int\)"/);
        expect(made.assembly?.text).toContain(`.asciz\t"${text.replace('"', '\\"')}"`);
        expect(made.ir?.text).toMatch(/call .*@"größe\(int\)"\(/);
        expect(made.ir?.text).toContain(`c"${text.replace('"', '\\22')}\\00"`);
        expect(made.disassembly?.text).toMatch(/(<|\t)größe\(int\)/);
        expect(made.contents?.symbols.map(({ name }) => name)).toContain('größe(int)');
      }
    });

    test('are looked up once; one that stands for gigabytes stays as it is', async () => {
      const lookUps = async (...sources: Record<string, string>[]) =>
        site.tab.run(async ({ given }) => {
          const { session } = globalThis as unknown as { session: import('../../src/browser.js').Session };
          const send = Worker.prototype.postMessage;
          let count = 0;
          Worker.prototype.postMessage = function (message, rest) {
            if (message?.program === 'nm') count++;
            return send.call(this, message, rest as StructuredSerializeOptions);
          };
          const found = [];
          for (const files of given) {
            count = 0;
            const { ok, assembly } = await session.compile(files, { demangle: true });
            found.push([count, ok, assembly?.text ?? '']);
          }
          Worker.prototype.postMessage = send;
          return found as [number, boolean, string][];
        }, sources);
      const [first, second, third, c] = await lookUps(
        { 'a.cpp': 'int once(int n) { return n; }' },
        { 'a.cpp': 'int once(int n) { return n + 1; }' },
        { 'a.cpp': 'int once(int n) { return n; }\nint more() { return once(1); }' },
        { 'a.c': 'int once(int n) { return n; }' },
      );
      expect([first?.[0], second?.[0], third?.[0], c?.[0]]).toEqual([1, 0, 1, 0]);
      expect(second?.[2]).toMatch(/^once\(int\):/m);
      expect(third?.[2]).toMatch(/^more\(\):/m);
      // Each type has the one before it twice.
      const types = Array.from({ length: 30 }, (_, n) => `S_I${`S${n.toString(36).toUpperCase()}_`.repeat(2)}E`);
      const large = `_Z1f1AIiiE${types.join('')}`;
      const [[, ok, text] = []] = await lookUps({ 'a.ll': `define void @${large}() { ret void }\n` });
      expect([ok, text]).toEqual([true, expect.stringContaining(`${large}:`)]);
    });
  });

  test('what is cancelled rejects at once, and the next one is served', async () => {
    const found = await site.tab.run(async ({ given }) => {
      const { session } = globalThis as unknown as { session: import('../../src/browser.js').Session };
      const stop = new AbortController();
      const code = (work: Promise<unknown>) => work.then(() => 'done').catch(({ code }) => code);
      const endless = code(session.compile({ 'e.cpp': given }, { signal: stop.signal }));
      const waiting = code(session.compile({ 'b.c': 'int b;' }));
      await new Promise((resolve) => setTimeout(resolve, 700));
      stop.abort();
      const first = await endless;
      const second = await waiting;
      const all = [code(session.compile({ 'e.cpp': given })), code(session.compile({ 'b.c': 'int b;' }))];
      session.cancel();
      const late = await session.compile({ 'e.cpp': given }, { timeout: 1 });
      return [first, second, ...(await Promise.all(all)), late.ok, late.diagnostics.at(-1)?.message];
    }, ENDLESS);
    expect(found).toEqual([
      'CANCELLED',
      'done',
      'CANCELLED',
      'CANCELLED',
      false,
      expect.stringMatching(/was not done after 1 s/),
    ]);
  });

  test('sources run', async () => {
    const found = await site.tab.run(async () => {
      const { session } = globalThis as unknown as { session: import('../../src/browser.js').Session };
      let printed = '';
      const { ended, text } = await session.run(
        {
          'main.c':
            '#include <stdio.h>\nint two(void);\nint main(int c, char **v) { printf("%s %d\\n", v[1], two()); return c; }\n',
          'two.c': 'int two(void) { return 2; }\n',
        },
        { args: ['one'], flags: ['-O1'], onStdout: (bytes) => (printed += new TextDecoder().decode(bytes)) },
      );
      const broken = await session.run({ 'main.c': 'int missing(void); int main(void) { return missing(); }' });
      return [ended?.status, printed, text, broken.program ?? null, broken.text];
    });
    expect(found).toEqual([2, 'one 2\n', '', null, expect.stringContaining('undefined symbol: missing')]);
  });

  test.each([
    [{ nonsense: 1 }, 'UNKNOWN_OPTION', "unknown option 'nonsense'"],
    [{ wants: ['nothing'] }, 'INVALID_OPTION', "option 'wants' must be an array of assembly, ir"],
    [{ target: 'vax' }, 'UNKNOWN_TARGET', "unknown target 'vax'"],
    [{ flags: ['-flto'] }, 'UNSUPPORTED_FLAG', "clang flag '-flto' cannot be used here"],
    [{ unit: 'b.c' }, 'INPUT_NOT_FOUND', "no such unit in 'files': 'b.c'"],
  ])('wrong usage: %j', async (options, code, message) => {
    const found = await site.tab.run(
      async ({ given }) =>
        (globalThis as unknown as { session: import('../../src/browser.js').Session }).session
          .compile({ 'a.c': '' }, given as never)
          .catch(({ code, message }) => [code, message]),
      options as object,
    );
    expect(found).toEqual([code, expect.stringContaining(message)]);
  });

  test('every function with options rejects one that it does not know, and a wrong listener', async () => {
    const found = await site.tab.run(async ({ art }) => {
      const { session } = globalThis as unknown as { session: import('../../src/browser.js').Session };
      const [wrong, files] = [{ nonsense: 1 } as never, { 'a.c': '' }];
      const link = { files, inputs: ['a.o'], output: 'a' };
      return Promise.all(
        [
          () => art.openArtifact('/never-read/', wrong),
          () => art.verify('/never-read/', wrong),
          () => art.check('/never-read/', wrong),
          () => art.run('/never-read/', wrong),
          () => art.link({ ...link, ...(wrong as object) }),
          () => art.open(wrong),
          () => session.run(files, wrong),
          () => session.build({ files, ...(wrong as object) }),
          () => session.link({ ...link, ...(wrong as object) }),
          () => art.link({ ...link, onEvent: 1 as never }),
          () => session.run(files, { onBuilt: 1 as never }),
        ].map((call) =>
          call().then(
            () => 'nothing was wrong',
            (error) => `${error.code}: ${error.message}`,
          ),
        ),
      );
    });
    const unknown = expect.stringMatching(/^UNKNOWN_OPTION: unknown option 'nonsense'/);
    const [listener, built] = ['onEvent', 'onBuilt'].map(
      (name) => `INVALID_OPTION: option '${name}' must be a function`,
    );
    expect(found).toEqual([...Array(9).fill(unknown), listener, built]);
  });

  test('from the package on another origin, as CDNs have it; then from the store, without a network', async () => {
    const cdn = await serveElsewhere({ '/npm/art-aot': IS_FULL ? unpackedPackage() : REPOSITORY });
    const other = await site.browser.open('/');
    const work = `(async () => {
      const art = await import('${cdn.url}/npm/art-aot/dist/browser/index.js');
      const session = await art.open({ store: 'cdn' });
      const { ok } = await session.compile({ 'a.c': '#include <stdio.h>\\nint a;' });
      for (let count = 0; count < 2; ) count = (await (await caches.open('cdn')).keys()).length;
      return [ok, (await (await caches.open('cdn')).keys()).map(({ url }) => new URL(url).pathname).sort()];
    })()`;
    const found = (await other.page.evaluate(work)) as [boolean, string[]];
    expect(found).toEqual([
      true,
      expect.arrayContaining([
        '/npm/art-aot/wasm/dist/llvm.wasm',
        '/npm/art-aot/wasm/sysroot/dist/musl-headers.tar.gz',
      ]),
    ]);
    cdn.withhold(/wasm|tar/);
    await other.page.reload();
    expect(((await other.page.evaluate(work)) as [boolean])[0]).toBe(true);
    await cdn.close();
    await other.page.close();
  });

  test('where the server packs nothing, a .gz beside the program is fetched and unpacked', async () => {
    const folder = join(site.folder, 'plain');
    mkdirSync(folder);
    for (const name of ['index.js', 'worker.js', 'musl-headers.sysroot', 'clang-headers.sysroot', 'llvm.wasm'])
      symlinkSync(join(site.folder, 'art', name), join(folder, name));
    const plain = readFileSync(join(site.folder, 'art/llvm.wasm'));
    writeFileSync(join(folder, 'llvm.wasm.gz'), gzipSync(plain, { level: 1 }));
    // This server does not compress and has no compressed files.
    const server = await serveElsewhere({ '/': folder });
    const other = await site.browser.open('/');
    await other.page.goto(`${server.url}/index.js`);
    const loaded = await other.page.evaluate(`(async () => {
      const art = await import('/index.js');
      let packed;
      const session = await art.open({ onEvent: (event) => { if (event.file === 'llvm.wasm') packed = event; } });
      const { ok } = await session.compile({ 'a.c': 'int a;' });
      return { ok, ...packed };
    })()`);
    const packed = readFileSync(join(folder, 'llvm.wasm.gz')).length;
    expect(loaded).toMatchObject({ ok: true, loaded: plain.length, total: plain.length, packed });
    await server.close();
    await other.page.close();
  });

  test('an archive is fetched when a unit includes something of it, and not before', async () => {
    const other = await site.browser.open('/');
    const fetched = await other.run(async ({ art }) => {
      const session = await art.open({ assets: '/art/' });
      const found: string[][] = [];
      for (const [file, text] of [
        ['a.c', '#include <stdio.h>\n#include <stdarg.h>\n#include <stdint.h>\n#include <limits.h>'],
        ['a.cpp', '#include <iostream>\n#include <map>\n#include <thread>'],
        ['a.c', '#include <immintrin.h>'],
        ['a.c', '#if __has_include(<linux/futex.h>)\nint has;\n#else\n#error\n#endif'],
      ] as const) {
        performance.clearResourceTimings();
        const { ok } = await session.compile({ [file]: text });
        const names = performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname);
        found.push([String(ok), ...names.filter((name) => name.endsWith('.sysroot')).sort()]);
      }
      return found;
    });
    expect(fetched).toEqual([
      ['true', '/art/musl-headers.sysroot'],
      ['true', '/art/libcxx-headers.sysroot'],
      ['true', '/art/clang-headers.sysroot'],
      ['true', '/art/linux-headers.sysroot'],
    ]);
    await other.page.close();
  });

  test('what is in the store is checked again', async () => {
    const first = await site.browser.open('/');
    const filled = await first.run(async ({ art }) => {
      const session = await art.open({ assets: '/art/', store: 'checked' });
      const { ok } = await session.compile({ 'a.c': '#include <stdio.h>\nint a;' });
      for (let count = 0; count < 2; ) count = (await (await caches.open('checked')).keys()).length;
      return ok;
    });
    expect(filled).toBe(true);
    await first.page.close();
    renameSync(join(site.folder, 'art/llvm.wasm'), join(site.folder, 'art/llvm.wasm.away'));
    const found = async (name: string, change: 'else' | 'one byte') => {
      const other = await site.browser.open('/');
      const code = await other.run(
        async ({ art, given: [name, change] }) => {
          const store = await caches.open('checked');
          const [request] = (await store.keys()).filter(({ url }) => url.includes(name)) as [Request];
          const good = (await store.match(request)) as Response;
          const bytes = new Uint8Array(await good.clone().arrayBuffer());
          // The last byte is data: the program compiles, and is another one.
          bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
          await store.put(request, new Response(change === 'else' ? 'something else' : bytes, good));
          const session = await art.open({ assets: '/art/', store: 'checked' });
          const outcome = await session.compile({ 'a.c': '#include <stdio.h>\nint a;' }).then(
            ({ ok }) => ok,
            ({ code }) => code,
          );
          await store.put(request, good);
          return outcome;
        },
        [name, change] as const,
      );
      await other.page.close();
      return code;
    };
    expect(await found('musl-headers', 'else')).toBe('PROGRAM_CORRUPT');
    expect(await found('llvm', 'else')).toBe('PROGRAM_CORRUPT');
    expect(await found('llvm', 'one byte')).toBe('PROGRAM_CORRUPT');
    renameSync(join(site.folder, 'art/llvm.wasm.away'), join(site.folder, 'art/llvm.wasm'));
  });
});

/** C++ programs that include many headers. */
function programs(): [string, Record<string, string>, string[]][] {
  const folder = join(REPOSITORY, 'fixtures/programs');
  return ['11/types', '11/threads', '14/streams', '17/library', '17/files', '20/text', '20/coroutines', '23/library']
    .map((name) => `c++${name}.cpp`)
    .flatMap((path) =>
      ['-O0', '-O2'].map((level): [string, Record<string, string>, string[]] => [
        `${path} ${level}`,
        { 'main.cpp': readFileSync(join(folder, path), 'utf8') },
        [`-std=${path.slice(0, 5)}`, level],
      ]),
    );
}

/** The package as npm packs it and CDNs unpack it. */
function unpackedPackage(): string {
  const folder = scratch();
  const [{ filename }] = JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]));
  run('tar', ['-xf', join(folder, filename), '-C', folder]);
  return join(folder, 'package');
}

interface Elsewhere {
  url: string;
  /** Answers 404 to paths that match. */
  withhold(pattern: RegExp): void;
  close(): Promise<void>;
}

/** A server on another origin, which allows every page to read its files. */
async function serveElsewhere(folders: Readonly<Record<string, string>>): Promise<Elsewhere> {
  let withheld: RegExp | undefined;
  const types: Record<string, string> = { '.js': 'text/javascript', '.wasm': 'application/wasm' };
  const server: Server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const [place, folder] = Object.entries(folders).find(([place]) => pathname.startsWith(place)) ?? [];
    try {
      if (!folder || !place || withheld?.test(pathname)) throw new Error('not here');
      const body = readFileSync(join(folder, pathname.slice(place.length)));
      const type = types[extname(pathname)] ?? 'application/octet-stream';
      response.writeHead(200, {
        'content-type': type,
        'content-length': body.length,
        'access-control-allow-origin': '*',
      });
      response.end(body);
    } catch {
      response.writeHead(404, { 'access-control-allow-origin': '*' }).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    withhold(pattern) {
      withheld = pattern;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
