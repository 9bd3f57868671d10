import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { available, run } from '../support/native.js';
import { art, digests, manifestOf, project, unpack } from '../support/project.js';

const X86_64 = 'x86_64-unknown-linux-musl';

const CMAKE_PROJECT = {
  'CMakeLists.txt': `
    cmake_minimum_required(VERSION 3.13)
    project(demo C)
    set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
    configure_file(config.h.in generated/config.h)
    add_library(core STATIC src/core.c src/extra.c)
    target_include_directories(core PUBLIC include \${CMAKE_CURRENT_BINARY_DIR}/generated)
    target_compile_definitions(core PRIVATE "NAME=\\"the core\\"")
    set_source_files_properties(src/extra.c PROPERTIES COMPILE_OPTIONS "-DEXTRA=5;-march=native")
    add_library(plugin SHARED src/core.c)
    target_include_directories(plugin PRIVATE include \${CMAKE_CURRENT_BINARY_DIR}/generated)
    target_compile_definitions(plugin PRIVATE "NAME=\\"it's a plugin\\"")
    add_executable(demo src/main.c)
    target_link_libraries(demo core)
  `,
  'config.h.in': '#define PROJECT "@PROJECT_NAME@"\n',
  'include/core.h': 'const char *name(void);\nint extra(void);\n',
  'src/core.c': '#include "core.h"\n#include <config.h>\nconst char *name(void) { return NAME " of " PROJECT; }\n',
  'src/extra.c': '#include "core.h"\nint extra(void) { return EXTRA; }\n',
  'src/main.c': `
    #include <stdio.h>
    #include "core.h"
    int main(void) { return printf("%s, %d\\n", name(), extra()) < 0; }
  `,
  'package.json': '{"name":"demo","version":"1.0.0"}',
};

describe.runIf(available('cmake', 'make', 'gcc'))('a CMake project', () => {
  const configure = () => {
    const cwd = project(CMAKE_PROJECT);
    run('cmake', ['-S', '.', '-B', 'build', '-G', 'Unix Makefiles', '-DCMAKE_BUILD_TYPE=Release'], cwd);
    return cwd;
  };
  const build = (cwd: string, ...args: string[]) =>
    art(['build', '--compile-commands', 'build/compile_commands.json', '--out', 'out', '--quiet', ...args], { cwd });

  test('is built with the flags of every unit, and links', () => {
    const cwd = configure();
    const { status, stderr } = build(cwd);
    expect([status, stderr]).toEqual([
      0,
      "art: warning: 'build/compile_commands.json': left out '-march=native' of src/extra.c: the machine that builds is not the one that runs; name a CPU\n",
    ]);
    const manifest = manifestOf(join(cwd, 'out'));
    expect(manifest.entries.map((e) => e.path).filter((p) => p.startsWith(`objects/${X86_64}`))).toEqual(
      ['core.c.2.o', 'core.c.o', 'extra.c.o', 'main.c.o'].map((name) => `objects/${X86_64}/src/${name}`),
    );
    // The manifest does not contain the folder of the build.
    expect(JSON.stringify(manifest)).not.toContain(cwd);
    const objects = join(unpack(join(cwd, 'out')), `objects/${X86_64}/src`);
    const linked = (core: string) => {
      run('gcc', ['-o', 'demo', core, 'extra.c.o', 'main.c.o'], objects);
      return spawnSync(join(objects, 'demo'), { encoding: 'utf8' }).stdout;
    };
    expect(linked('core.c.o')).toBe('the core of demo, 5\n');
    expect(linked('core.c.2.o')).toBe("it's a plugin of demo, 5\n");
  });

  test('gives the same bytes wherever it lies, though CMake writes absolute paths', () => {
    const built = () => {
      const cwd = configure();
      expect(build(cwd, '--target', 'x86_64').status).toBe(0);
      return digests(join(cwd, 'out'));
    };
    expect(built()).toEqual(built());
  });
});

/** The forms of a compile database that Meson with ccache and Bear write. */
const FORMS: Record<string, (root: string) => unknown[]> = {
  Meson: (root) => [
    {
      directory: join(root, 'builddir'),
      command:
        'ccache cc -Ilib.so.p -I. -I.. -I../inc -fdiagnostics-color=always -D_FILE_OFFSET_BITS=64 -Wall -Winvalid-pch -O2 -g \'-DGREETING="hi there"\' -fPIC -MD -MQ lib.so.p/src_a.c.o -MF lib.so.p/src_a.c.o.d -o lib.so.p/src_a.c.o -c ../src/a.c',
      file: '../src/a.c',
      output: 'lib.so.p/src_a.c.o',
    },
  ],
  Bear: (root) => [
    {
      arguments: ['/usr/bin/gcc', '-c', '-O2', '-g', '-DGREETING="hi there"', '-Iinc', '-o', 'a.o', 'src/a.c'],
      directory: root,
      file: join(root, 'src/a.c'),
      output: join(root, 'a.o'),
    },
  ],
};

test.each(Object.keys(FORMS))('what %s writes is built', (name) => {
  const cwd = project({
    'package.json': '{"name":"p"}',
    'src/a.c': '#include <g.h>\nconst char *greeting(void) { return G(GREETING); }\n',
    'inc/g.h': '#define G(x) x "!"\n',
  });
  writeFileSync(join(cwd, 'compile_commands.json'), JSON.stringify(FORMS[name]?.(cwd)));
  const args = ['build', '--compile-commands', 'compile_commands.json', '--target', 'x86_64', '--emit', 'asm'];
  expect(art([...args, '--quiet'], { cwd })).toEqual({ status: 0, stdout: '', stderr: '' });
  const assembly = readFileSync(join(unpack(join(cwd, 'artifact')), `asm/${X86_64}/src/a.c.s`), 'utf8');
  expect(assembly).toContain('"hi there!"');
});

test('what the manifest says of flags is enough to build the same again', () => {
  const files = {
    'package.json': '{"name":"p"}',
    'src/a.c': 'int a = A;',
    'src/b.c': 'int b = B;',
    'src/c.c': 'int c = B;',
  };
  const commands = [
    { directory: '.', file: 'src/a.c', command: 'cc -DA=1 src/a.c' },
    { directory: '.', file: 'src/b.c', command: 'cc -DB=2 src/b.c' },
    { directory: '.', file: 'src/c.c', command: 'cc -DB=2 src/c.c' },
    { directory: '.', file: 'src/a.c', command: 'cc -DA=3 src/a.c' },
  ];
  const cwd = project({ ...files, 'compile_commands.json': JSON.stringify(commands) });
  const build = () => {
    const line = ['build', '--compile-commands', 'compile_commands.json', '--target', 'x86_64', '--out', 'out'];
    expect(art([...line, '--quiet'], { cwd }).status).toBe(0);
    return digests(join(cwd, 'out'));
  };
  const first = build();
  const { entries, provenance } = manifestOf(join(cwd, 'out')) as unknown as {
    entries: { source: string; variant?: number }[];
    provenance: { flags: string[]; unit_flags: { source: string; variant?: number; flags: string[] }[] };
  };
  const again = entries.map(({ source, variant }) => ({
    directory: '.',
    file: source,
    arguments: [
      'cc',
      ...(provenance.unit_flags.find((u) => u.source === source && u.variant === variant)?.flags ?? provenance.flags),
      source,
    ],
  }));
  // Of the variants of a source, the first has no number in its name.
  again.sort((a, b) => (a.arguments.join() < b.arguments.join() ? -1 : 1));
  rmSync(join(cwd, 'out'), { recursive: true });
  writeFileSync(join(cwd, 'compile_commands.json'), JSON.stringify(again));
  expect(build()).toEqual(first);
});
