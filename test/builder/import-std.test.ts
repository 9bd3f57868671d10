// Units of art build that import the standard library's modules, which are compiled once for all units.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { available, run as native } from '../support/native.js';
import { art, project } from '../support/project.js';

const MINUTES = 60_000;
const FILES = {
  'main.cpp': `// import nothing;
#if __has_include("answer.hpp")
#include "answer.hpp"
#endif
int main() { std::println("{} {}", answer(), size("four")); }
`,
  'answer.hpp': 'import std;\nint answer();\nstd::size_t size(const char *);\n',
  'answer.cpp': '#include "answer.hpp"\nint answer() { return std::max(41, 42); }\n',
  'size.cpp': `import std.compat;
std::size_t size(const char *text) { return ::strlen(text); }
`,
  // It contains the words in a string, and imports nothing.
  'text.cpp': 'extern const char text[];\nconst char text[] = R"(\nimport std;\n)";\n',
  'plain.c': 'int plain(void) { return 0; }\n',
};

test(
  'import std; and import std.compat; compile, link and run for both targets',
  () => {
    const cwd = project(FILES);
    const build = [
      'build',
      '--quiet',
      '-std=c++23',
      '-O1',
      '-I.',
      '--link',
      'main',
      'main.cpp',
      'answer.cpp',
      'size.cpp',
      'text.cpp',
    ];
    expect(art([...build, '--out', 'made'], { cwd })).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(art(['extract', 'made', '--out', 'files', '--quiet'], { cwd })).toMatchObject({ status: 0 });
    for (const [architecture, emulator] of [
      ['x86_64', []],
      ['aarch64', ['qemu-aarch64-static']],
    ] as const) {
      if (emulator.length > 0 ? !available(...emulator) : process.arch !== 'x64') continue;
      const program = join(cwd, `files/executables/${architecture}-unknown-linux-musl/main`);
      const [command = '', ...args] = [...emulator, program];
      expect(native(command, args)).toBe('42 4\n');
    }
  },
  15 * MINUTES,
);

test(
  'what is wrong with such a unit is said as without modules; other modules are not found',
  () => {
    const cwd = project({ 'a.cpp': 'import std;\nint x = std::nothing;\n', 'b.cpp': 'import other;\n' });
    const { status, stderr } = art(['build', '-std=c++23', '--target', 'x86_64', 'a.cpp', 'b.cpp', '--out', 'made'], {
      cwd,
    });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^a\.cpp:2:14: error: no member named 'nothing' in namespace 'std'$/m);
    expect(stderr).toMatch(/^b\.cpp:1:8: fatal error: module 'other' not found$/m);
    expect(stderr).not.toContain("module 'std' not found");
  },
  5 * MINUTES,
);

test('a target without libc++ has no modules', () => {
  const cwd = project({ 'a.cpp': 'import std;\n' });
  const { status, stderr } = art(['build', '-std=c++23', '--target', 'aarch64-none-elf', 'a.cpp', '--out', 'made'], {
    cwd,
  });
  expect({ status, stderr }).toMatchObject({ status: 1, stderr: expect.stringContaining("module 'std' not found") });
});
