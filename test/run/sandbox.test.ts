// What hostile WASI programs can reach: only the directories that they are given. They call WASI's functions directly,
// since a C library might refuse first.
import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { scratch } from '../support/native.js';
import { art } from '../support/project.js';

const PROBE = `#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wasi/api.h>
#define FD 3
#define ALL ((__wasi_rights_t)0x3fffffff)
static int open_at(int fd, const char *path, int follow, int flags, int write, __wasi_fd_t *out) {
  return __wasi_path_open(fd, follow, path, flags, write ? ALL : ALL & ~(__wasi_rights_t)__WASI_RIGHTS_FD_WRITE, ALL, 0, out);
}
static void show(const char *what, int error) { printf("%s %d\\n", what, error); }
int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    const char *what = argv[i], *a = argv[++i], *b = "";
    __wasi_fd_t fd;
    __wasi_filestat_t stat;
    if (!strcmp(what, "read") || !strcmp(what, "nofollow")) {
      int error = open_at(FD, a, what[0] == 'r', 0, 0, &fd);
      if (error) { show(what, error); continue; }
      char text[64];
      __wasi_iovec_t vector = {(uint8_t *)text, sizeof text - 1};
      __wasi_size_t size = 0;
      error = __wasi_fd_read(fd, &vector, 1, &size);
      if (error) { show(what, error); continue; }
      text[size] = 0;
      printf("read '%s'\\n", text);
    } else if (!strcmp(what, "write")) show(what, open_at(FD, a, 1, __WASI_OFLAGS_CREAT, 1, &fd));
    else if (!strcmp(what, "stat")) show(what, __wasi_path_filestat_get(FD, 1, a, &stat));
    else if (!strcmp(what, "mkdir")) show(what, __wasi_path_create_directory(FD, a));
    else if (!strcmp(what, "rmdir")) show(what, __wasi_path_remove_directory(FD, a));
    else if (!strcmp(what, "unlink")) show(what, __wasi_path_unlink_file(FD, a));
    else if (!strcmp(what, "times")) show(what, __wasi_path_filestat_set_times(FD, 1, a, 5, 5, 5));
    else if (!strcmp(what, "rename")) { b = argv[++i]; show(what, __wasi_path_rename(FD, a, FD, b)); }
    else if (!strcmp(what, "link")) { b = argv[++i]; show(what, __wasi_path_link(FD, 1, a, FD, b)); }
    else if (!strcmp(what, "symlink")) { b = argv[++i]; show(what, __wasi_path_symlink(a, FD, b)); }
    else if (!strcmp(what, "below")) { // '..' from a directory that was opened
      int error = open_at(FD, a, 1, __WASI_OFLAGS_DIRECTORY, 0, &fd);
      show(what, error ? error : open_at(fd, "../in.txt", 1, 0, 0, &fd));
    } else if (!strcmp(what, "list")) {
      int error = open_at(FD, a, 1, __WASI_OFLAGS_DIRECTORY, 0, &fd);
      if (error) { show(what, error); continue; }
      static uint8_t buffer[4096];
      __wasi_size_t used = 0;
      error = __wasi_fd_readdir(fd, buffer, sizeof buffer, 0, &used);
      show(what, error ? error : 0);
    } else if (!strcmp(what, "memory")) { // addresses that are none of the program's
      __wasi_size_t size;
      __wasi_iovec_t vector = {(uint8_t *)0xfffffff0, 64};
      show(what, __wasi_fd_write(1, (const __wasi_ciovec_t *)&vector, 1, &size));
      show(what, __wasi_random_get((uint8_t *)0xfffffff0, 64));
      show(what, __wasi_fd_write(1, (__wasi_ciovec_t *)0xfffffff0, 0x7fffffff, &size));
      show(what, __wasi_fd_read(77, &vector, 1, &size));
    }
  }
}
`;
const [EACCES, EBADF, EEXIST, EFAULT, EINVAL, ELOOP, ENOENT, ENOTDIR, ENOTCAPABLE] = [2, 8, 20, 21, 28, 32, 44, 54, 76];
const OUT = `${ENOTCAPABLE}`;

const cwd = scratch();
let root: string;
let box: string;
let tries = 0;

beforeAll(() => {
  writeFileSync(join(cwd, 'probe.c'), PROBE);
  const made = art(['cc', '--target=wasm32-wasip1', 'probe.c', '-o', 'probe.wasm'], { cwd });
  expect(made).toEqual({ status: 0, stdout: '', stderr: '' });
});

beforeEach(() => {
  root = join(cwd, `try-${tries++}`);
  box = join(root, 'box');
  mkdirSync(join(box, 'inner'), { recursive: true });
  mkdirSync(join(root, 'outer'));
  writeFileSync(join(root, 'secret.txt'), 'secret');
  writeFileSync(join(root, 'outer/secret.txt'), 'secret');
  writeFileSync(join(box, 'in.txt'), 'inside');
  for (const [target, name] of [
    ['../secret.txt', 'out'],
    [join(root, 'secret.txt'), 'absolute'],
    ['..', 'up'],
    ['../outer', 'folder'],
    ['inner/../../secret.txt', 'winding'],
    ['up/secret.txt', 'twice'],
    ['inner/../in.txt', 'good'],
    ['loop', 'loop'],
    ['../box/in.txt', 'around'],
    ['../new.txt', 'dangling'],
  ])
    symlinkSync(target as string, join(box, name as string));
});

/** Runs the probe. @returns its result for each step */
const probe = (...steps: string[]) =>
  art(['run', join(cwd, 'probe.wasm'), '--dir', 'box', '--', ...steps], { cwd: root })
    .stdout.trimEnd()
    .split('\n');

describe('a hostile program', () => {
  test('reads no file outside, by any path or link', () => {
    const outside = [
      '../secret.txt',
      '/etc/passwd',
      'out',
      'absolute',
      'up/secret.txt',
      'folder/secret.txt',
      'winding',
    ];
    outside.push('twice', 'inner/../../secret.txt', 'around', './/..//secret.txt', 'folder/../secret.txt', '..', 'up');
    for (const way of ['read', 'stat', 'list', 'write', 'times'])
      expect(probe(...outside.flatMap((path) => [way, path]))).toEqual(outside.map(() => `${way} ${OUT}`));
    expect(readdirSync(root).sort()).toEqual(['box', 'outer', 'secret.txt']);
  });

  test('reads what is inside, through links as well', () => {
    expect(probe('read', 'in.txt', 'read', 'good', 'read', './inner/../in.txt', 'read', 'inner//..//in.txt')).toEqual(
      Array(4).fill("read 'inside'"),
    );
    expect(probe('nofollow', 'good', 'read', 'loop', 'read', 'nothing', 'read', 'in.txt/x', 'read', 'in.txt/')).toEqual(
      [`nofollow ${ELOOP}`, `read ${ELOOP}`, `read ${ENOENT}`, `read ${ENOTDIR}`, `read ${ENOTDIR}`],
    );
  });

  test('makes, moves and removes nothing outside', () => {
    expect(
      probe(
        ...[
          'mkdir',
          '../made',
          'mkdir',
          'up/made',
          'rmdir',
          '../outer',
          'rmdir',
          'up/outer',
          'unlink',
          '../secret.txt',
        ],
        ...['unlink', 'folder/secret.txt', 'rename', 'in.txt', '../moved', 'rename', '../secret.txt', 'taken'],
        ...['rename', 'up/secret.txt', 'taken', 'link', '../secret.txt', 'taken', 'link', 'out', 'taken'],
        ...['link', 'in.txt', '../linked', 'symlink', '/etc/passwd', 'p', 'symlink', 'x', '../p', 'write', 'dangling'],
      ),
    ).toEqual(
      ['mkdir', 'mkdir', 'rmdir', 'rmdir', 'unlink', 'unlink', 'rename', 'rename', 'rename', 'link', 'link', 'link']
        .concat('symlink', 'symlink', 'write')
        .map((what) => `${what} ${OUT}`),
    );
    expect(readdirSync(root).sort()).toEqual(['box', 'outer', 'secret.txt']);
    expect(readFileSync(join(root, 'secret.txt'), 'utf8')).toBe('secret');
    expect(readdirSync(join(root, 'outer'))).toEqual(['secret.txt']);
  });

  test('does not get out by links and moves of its own', () => {
    expect(
      probe(
        ...[
          'symlink',
          '../secret.txt',
          'mine',
          'read',
          'mine',
          'mkdir',
          'a',
          'symlink',
          '../..',
          'a/up',
          'read',
          'a/up/secret.txt',
        ],
        ...[
          'rename',
          'a/up',
          'nearer',
          'read',
          'nearer/secret.txt',
          'symlink',
          '..',
          'inner/x',
          'read',
          'inner/x/../secret.txt',
        ],
      ),
    ).toEqual([
      ...['symlink 0', `read ${OUT}`, 'mkdir 0', 'symlink 0', `read ${OUT}`, 'rename 0', `read ${OUT}`],
      ...['symlink 0', `read ${OUT}`],
    ]);
  });

  test('a directory that it opened is one of its own, with nothing above', () => {
    expect(probe('below', 'inner', 'below', '.')).toEqual([`below ${OUT}`, `below ${OUT}`]);
  });

  test('changes what is inside, itself excepted', () => {
    expect(
      probe(
        'write',
        'new',
        'rename',
        'new',
        'newer',
        'link',
        'newer',
        'second',
        'unlink',
        'newer',
        'mkdir',
        'd',
        'rmdir',
        'd/',
      ),
    ).toEqual(['write 0', 'rename 0', 'link 0', 'unlink 0', 'mkdir 0', 'rmdir 0']);
    expect(probe('rmdir', '.', 'unlink', '.', 'rename', '.', 'x', 'mkdir', '.')).toEqual([
      `rmdir ${EINVAL}`,
      'unlink 31',
      `rename ${EINVAL}`,
      `mkdir ${EEXIST}`,
    ]);
    expect(lstatSync(join(box, 'second')).isFile()).toBe(true);
  });

  test('addresses and descriptors that it does not have are told so', () => {
    expect(probe('memory', 'x')).toEqual([
      `memory ${EFAULT}`,
      `memory ${EFAULT}`,
      `memory ${EFAULT}`,
      `memory ${EBADF}`,
    ]);
    expect(EACCES).toBe(2);
  });
});
