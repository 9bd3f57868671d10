// clang's own profile flags, with paths of the host.
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { differences } from '../support/compare.js';
import { available, nativeClang, run, scratch } from '../support/native.js';
import { REPOSITORY } from '../support/project.js';
import { commands } from '../support/resident.js';

const TRIPLE = 'x86_64-unknown-linux-musl';

describe.skipIf(!available('clang-22', 'llvm-profdata-22'))('art cc with profiles', () => {
  const folder = scratch();
  const native = nativeClang();
  const resident = commands();
  const cc = (...args: string[]) => resident.run(['cc', `--target=${TRIPLE}`, '-O2', ...args], { cwd: folder });
  const works = { status: 0, stdout: '', stderr: '' };

  beforeAll(() => {
    for (const name of ['main.c', 'mix.h'])
      copyFileSync(join(REPOSITORY, 'fixtures/profile/src', name), join(folder, name));
    for (const [flag, level] of [
      ['-fprofile-instr-generate', 'frontend'],
      ['-fprofile-generate', 'ir'],
    ] as const) {
      expect(cc(flag, 'main.c', '-o', level)).toEqual(works);
      const raw = join(folder, `${level}.profraw`);
      run('env', [`LLVM_PROFILE_FILE=${raw}`, join(folder, level), '5000'], folder);
      run('llvm-profdata-22', ['merge', raw, '-o', join(folder, `${level}.profdata`)]);
    }
  });

  test.each([
    ['-fprofile-instr-use=frontend.profdata', '-fprofile-instr-use=frontend.profdata'],
    ['-fprofile-use=./ir.profdata', '-fprofile-use=ir.profdata'],
    ['-fprofile-use=sub', '-fprofile-use=ir.profdata'],
    ['-fprofile-sample-use=samples.txt', '-fprofile-sample-use=samples.txt'],
  ])("%s gives native clang's code", (ours, theirs) => {
    mkdirSync(join(folder, 'sub'), { recursive: true });
    copyFileSync(join(folder, 'ir.profdata'), join(folder, 'sub/default.profdata'));
    run('sh', [
      '-c',
      `printf 'run:100:1\\n 3: 90 mix:90\\nmix:500:90\\n 0: 90\\n' > "$0"`,
      join(folder, 'samples.txt'),
    ]);
    expect(cc(ours, '-c', 'main.c', '-o', 'main.o')).toEqual(works);
    const object = readFileSync(join(folder, 'main.o'));
    expect(differences(object, native('main.c', TRIPLE, ['-O2', theirs], folder))).toEqual([]);
    expect(differences(object, native('main.c', TRIPLE, ['-O2'], folder))).not.toEqual([]);
  });

  test('a profile that is not there is named as it was written', () => {
    for (const [flag, message] of [
      ['-fprofile-use', 'clang: error: Error in reading profile default.profdata: No such file or directory\n'],
      ['-fprofile-instr-use=gone', 'clang: error: Error in reading profile gone: No such file or directory\n'],
      ['-fprofile-sample-use=gone', "clang: error: no such file or directory: 'gone'\n"],
    ] as const)
      expect(cc(flag, '-c', 'main.c', '-o', 'none.o')).toEqual({ status: 1, stdout: '', stderr: message });
    expect(existsSync(join(folder, 'none.o'))).toBe(false);
  });
});
