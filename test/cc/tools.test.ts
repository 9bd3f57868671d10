// `art ar`, `ranlib`, `nm`, `strip` and `objcopy`, as build systems call them.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { project } from '../support/project.js';
import { commands } from '../support/resident.js';

const { run, ok } = commands();
const SOURCES = {
  'one.c': 'int one(void) { return 1; }\n',
  'two.c': 'int two(void) { return 2; }\n',
  'Main.c': 'int one(void), two(void);\nint main(void) { return 10 * one() + two(); }\n',
};
const objects: Record<string, Buffer> = {};

beforeAll(() => {
  const cwd = `${process.env.TMPDIR ?? '/tmp'}/art-tools-${process.pid}`;
  mkdirSync(cwd);
  for (const [name, source] of Object.entries(SOURCES)) {
    ok(['cc', '-c', '-x', 'c', '-', '-o', name.replace('.c', '.o')], { cwd, input: source });
    objects[name.replace('.c', '.o')] = readFileSync(join(cwd, name.replace('.c', '.o')));
  }
  spawnSync('rm', ['-r', cwd]);
});

describe('ar', () => {
  test('makes, lists, prints, changes and unpacks archives, paths relative to where it is called', () => {
    const cwd = project({ ...objects, 'lib/.keep': '' });
    ok(['ar', 'rcs', 'lib/liball.a', 'one.o', './two.o'], { cwd });
    expect(ok(['ar', 't', 'lib/liball.a'], { cwd })).toBe('one.o\ntwo.o\n');
    const inside = { cwd: join(cwd, 'lib') };
    expect(Buffer.from(ok(['ar', 'p', 'liball.a', 'one.o'], inside)).length).toBeGreaterThan(100);
    ok(['ar', '-d', 'liball.a', 'two.o'], inside);
    ok(['ar', 'q', 'liball.a', '../Main.o'], inside);
    ok(['ar', 'rb', 'Main.o', 'liball.a', '../two.o'], inside);
    expect(ok(['ar', 't', 'liball.a'], inside)).toBe('one.o\ntwo.o\nMain.o\n');
    ok(['ar', 'x', 'liball.a', 'one.o'], inside);
    expect(readdirSync(join(cwd, 'lib')).sort()).toEqual(['.keep', 'liball.a', 'one.o']);
    expect(readFileSync(join(cwd, 'lib/one.o'))).toEqual(objects['one.o']);
  });

  test('the same members give the same archive, which links', () => {
    const cwd = project(objects);
    ok(['ar', 'rcs', 'a.a', 'one.o', 'two.o', 'Main.o'], { cwd });
    ok(['ar', 'rc', 'b.a', 'one.o', 'two.o', 'Main.o'], { cwd });
    ok(['ranlib', 'b.a'], { cwd });
    expect(readFileSync(join(cwd, 'a.a'))).toEqual(readFileSync(join(cwd, 'b.a')));
    ok(['cc', 'a.a', '-o', 'program'], { cwd });
    expect(spawnSync(join(cwd, 'program')).status).toBe(12);
  });

  test('takes its members from a response file', () => {
    const cwd = project({ 'sub/objects.rsp': '"one.o"\n two.o\n', ...objects });
    ok(['ar', 'qc', 'x.a', '@sub/objects.rsp', 'Main.o'], { cwd });
    expect(ok(['ar', 't', 'x.a'], { cwd })).toBe('one.o\ntwo.o\nMain.o\n');
  });

  test('follows a script (-M)', () => {
    const cwd = project(objects);
    ok(['ar', 'rc', 'old.a', 'one.o'], { cwd });
    ok(['ar', '-M'], { cwd, input: 'CREATE new.a\nADDLIB old.a\nADDMOD two.o\nSAVE\nEND\n' });
    expect(ok(['ar', 't', 'new.a'], { cwd })).toBe('one.o\ntwo.o\n');
  });

  test('says what is wrong in the words of the user', () => {
    const cwd = project({});
    const { status, stderr } = run(['ar', 'rc', 'x.a', 'none.o'], { cwd });
    expect([status, stderr]).toEqual([1, 'ar: error: none.o: No such file or directory\n']);
    expect(readdirSync(cwd)).toEqual([]);
    expect(ok(['ar', '--version'])).toContain('LLVM version 22');
  });
});

test('nm lists symbols', () => {
  const cwd = project(objects);
  expect(ok(['nm', '-A', './one.o'], { cwd })).toMatch(/^\.\/one\.o: \d+ T one\n$/);
  expect(ok(['nm', '-P', 'Main.o'], { cwd })).toMatch(/^main T 0 [0-9a-f]+\none U 0 0\ntwo U 0 0\n$/);
});

describe('strip and objcopy', () => {
  test('keep a program runnable, in place and elsewhere', () => {
    const cwd = project(objects);
    ok(['cc', '-g', 'one.o', 'two.o', 'Main.o', '-o', 'program'], { cwd });
    const size = statSync(join(cwd, 'program')).size;
    ok(['strip', 'program', '-o', 'stripped'], { cwd });
    ok(['objcopy', '--strip-all', 'program', 'copied'], { cwd });
    ok(['strip', 'program'], { cwd });
    for (const name of ['program', 'stripped', 'copied']) {
      expect(spawnSync(join(cwd, name)).status).toBe(12);
      expect(statSync(join(cwd, name)).size).toBeLessThan(size);
    }
  });

  test('read and write files that options name', () => {
    const cwd = project({ ...objects, 'note.txt': 'a note', 'names.txt': 'one uno\n' });
    ok(['objcopy', '--add-section=.mine=note.txt', '--redefine-syms=names.txt', 'one.o', 'sub.o'], { cwd });
    ok(['objcopy', '--dump-section', '.mine=back.txt', 'sub.o', '/dev/null'], { cwd });
    expect(readFileSync(join(cwd, 'back.txt'), 'utf8')).toBe('a note');
    expect(ok(['nm', '-j', 'sub.o'], { cwd })).toBe('uno\n');
    expect(statSync(join(cwd, 'sub.o')).mode & 0o111).toBe(0);
  });
});
