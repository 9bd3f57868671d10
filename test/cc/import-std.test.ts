// `import std;` with art c++, as with native clang: the user compiles the module from libc++'s source, which art
// sysroot writes.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { differences } from '../support/compare.js';
import { available, run as native, scratch } from '../support/native.js';
import { art, project } from '../support/project.js';
import { commands } from '../support/resident.js';

const { ok, run } = commands();
const MINUTES = 60_000;
const MAIN = `import std;
int main() {
  std::vector<int> numbers{3, 1, 2};
  std::ranges::sort(numbers);
  std::println("{} {}", numbers.size(), numbers.front());
}
`;
const COMPAT = `import std.compat;
int main() { ::printf("%zu\\n", ::strlen("four")); }
`;

test('where the modules are, the driver says as native clang does', () => {
  const cwd = project({});
  expect(ok(['c++', '-print-file-name=libc++.modules.json'], { cwd })).toBe('libc++.modules.json\n');
  expect(ok(['c++', '-print-library-module-manifest-path'], { cwd })).toBe('<NOT PRESENT>\n');
});

test(
  'std and std.compat, for both targets',
  () => {
    const cwd = project({ 'main.cpp': MAIN, 'compat.cpp': COMPAT });
    const sysroots = join(scratch(), 'sysroots');
    expect(art(['sysroot', '--out', sysroots, '--quiet'], { cwd })).toMatchObject({ status: 0 });
    const env = { ART_SYSROOT: sysroots };
    for (const architecture of ['x86_64', 'aarch64']) {
      const sysroot = join(sysroots, `sysroot/${architecture}-unknown-linux-musl`);
      const target = `--target=${architecture}`;
      const manifest = ok(['c++', target, '-print-file-name=libc++.modules.json'], { cwd, env }).trim();
      expect(manifest).toBe(join(sysroot, 'usr/lib/libc++.modules.json'));
      const { modules } = JSON.parse(readFileSync(manifest, 'utf8'));
      const sources = modules.map((module: { 'source-path': string }) => join(manifest, '..', module['source-path']));
      const [std, compat] = sources as [string, string];
      const flags = ['-std=c++23', '-O1', '-Wno-reserved-module-identifier'];
      const known = ['-fmodule-file=std=std.pcm'];
      ok(['c++', target, ...flags, '--precompile', std, '-o', 'std.pcm'], { cwd, env });
      ok(['c++', target, ...flags, ...known, '--precompile', compat, '-o', 'std.compat.pcm'], { cwd, env });
      ok(['c++', target, ...flags, ...known, '-c', 'main.cpp', '-o', 'main.o'], { cwd, env });
      ok(['c++', target, 'main.o', '-o', 'main'], { cwd, env });
      const both = [...known, '-fmodule-file=std.compat=std.compat.pcm'];
      ok(['c++', target, ...flags, ...both, '-c', 'compat.cpp', '-o', 'compat.o'], { cwd, env });
      ok(['c++', target, 'compat.o', '-o', 'compat'], { cwd, env });

      const emulator = architecture === 'aarch64' ? ['qemu-aarch64-static'] : [];
      if (emulator.length > 0 ? available(...emulator) : process.arch === 'x64') {
        const said = (program: string) => {
          const [command = '', ...args] = [...emulator, join(cwd, program)];
          return native(command, args);
        };
        expect(said('main')).toBe('3 1\n');
        expect(said('compat')).toBe('4\n');
      }
      if (architecture !== 'x86_64' || !available('clang++-22')) continue;
      const places = [`--sysroot=${sysroot}`, '-resource-dir', join(sysroots, 'clang'), '-stdlib=libc++'];
      const clang = [
        `--target=${architecture}-unknown-linux-musl`,
        ...places,
        ...flags,
        '-Wno-unused-command-line-argument',
      ];
      native('clang++-22', [...clang, '--precompile', std, '-o', 'native.pcm'], cwd);
      native('clang++-22', [...clang, '-fmodule-file=std=native.pcm', '-c', 'main.cpp', '-o', 'native.o'], cwd);
      expect(differences(readFileSync(join(cwd, 'main.o')), readFileSync(join(cwd, 'native.o')))).toEqual([]);
    }
  },
  15 * MINUTES,
);

test('without the module the unit does not compile', () => {
  const { status, stderr } = run(['c++', '-std=c++23', '-c', 'main.cpp'], { cwd: project({ 'main.cpp': MAIN }) });
  expect({ status, stderr }).toMatchObject({ status: 1, stderr: expect.stringContaining("module 'std' not found") });
});
