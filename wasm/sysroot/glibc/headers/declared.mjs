// What glibc's headers declare, by clang's own reading, and which versions of glibc have it.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { readSymbolTable, symbolsOf } from '../../../../dist/toolchain/glibc/symbols.js';

export const OLDEST = 17;
export const NEWEST = 43;

/** Ways to read the headers that between them show every declaration: language, and what programs define. */
export const MODES = [
  ['-xc', '-std=gnu23', '-D_GNU_SOURCE'],
  ['-xc', '-std=gnu11', '-D_GNU_SOURCE', '-D_FILE_OFFSET_BITS=64', '-O2', '-D_FORTIFY_SOURCE=3'],
  ['-xc', '-std=c11', '-D_XOPEN_SOURCE=700'],
  ['-xc', '-std=gnu89'],
  ['-xc++', '-std=gnu++17', '-D_GNU_SOURCE', '-D_FILE_OFFSET_BITS=64'],
  ['-xc++', '-std=gnu++23', '-D_GNU_SOURCE', '-O2', '-D_FORTIFY_SOURCE=3'],
];

/** Headers that refuse to be included. */
const UNUSABLE = new Set(['regexp.h', 'sys/elf.h', 'sys/vm86.h']);

/** Every header that a program may name, of one architecture. */
export function publicHeaders(glibc, architecture) {
  return [architecture, 'generic']
    .flatMap((part) => readdirSync(join(glibc, part), { recursive: true }))
    .filter((path) => path.endsWith('.h') && !/^(bits|gnu)\//.test(path) && !UNUSABLE.has(path))
    .sort();
}

/** In libc_nonshared.a: what is linked into programs themselves. */
function nonshared(minor) {
  const stat = ['stat', 'fstat', 'lstat', 'fstatat', 'stat64', 'fstat64', 'lstat64', 'fstatat64', 'mknod', 'mknodat'];
  return ['atexit', 'at_quick_exit', 'pthread_atfork', ...(minor < 33 ? stat : [])];
}

/** name of a symbol -> the minor versions of glibc that new programs can be linked against it with */
export function linkable(table) {
  const versions = new Map();
  const add = (name, minor) => versions.set(name, [...(versions.get(name) ?? []), minor]);
  const parsed = readSymbolTable(table);
  for (let minor = OLDEST; minor <= NEWEST; minor++) {
    const names = new Set(nonshared(minor));
    for (const library of parsed.keys())
      for (const { name, isDefault } of symbolsOf(parsed, library, `2.${minor}`)) if (isDefault) names.add(name);
    for (const name of names) add(name, minor);
  }
  return versions;
}

/** What clang is told, so that it reads these headers and nothing of this machine. */
export function flagsFor(architecture, glibc, linux) {
  const resources = execFileSync('clang-22', ['-print-resource-dir'], { encoding: 'utf8' }).trim();
  const folders = [`${resources}/include`, join(glibc, architecture), join(glibc, 'generic'), join(linux, architecture), join(linux, 'generic')];
  return [`--target=${architecture}-linux-gnu`, '-nostdinc', ...folders.flatMap((folder) => ['-isystem', folder])];
}

/**
 * The functions and objects that headers declare: { symbol, name, file, line, isFunction, uses }, where the declaration begins in
 * the header's own text. symbol is undefined for a function that is only in the header; uses has the symbols that its body
 * calls.
 * @param glibc the folder with generic/ and the architectures' folders
 * @param flags of clang, with the language
 */
export function declarations(glibc, headers, flags) {
  const work = mkdtempSync(join(tmpdir(), 'declared-'));
  try {
    const unit = join(work, 'all.c');
    writeFileSync(unit, headers.map((header) => `#include <${header}>\n`).join(''));
    const json = execFileSync('clang-22', [...flags, '-w', '-fsyntax-only', '-Xclang', '-ast-dump=json', unit], { maxBuffer: 1 << 30 });
    const found = [];
    const byId = new Map();
    // A location says its file and line only where they are not those of the location before it.
    let file;
    let line;
    const locate = (place) => {
      file = place.file ?? file;
      line = place.line ?? line;
      place.file = file;
      place.line = line;
    };
    let current;
    const visit = (node) => {
      if (node === null || typeof node !== 'object') return;
      if (Array.isArray(node)) return node.forEach(visit);
      if (typeof node.offset === 'number') locate(node);
      const isFunction = node.kind === 'FunctionDecl';
      const isDeclaration = node.range && (isFunction || (node.kind === 'VarDecl' && node.storageClass === 'extern'));
      const outer = current;
      if (isDeclaration) {
        // C++ and overloaded names are of functions that are only in the header, but for those of a name in the library.
        const symbol = node.storageClass === 'static' ? undefined : node.mangledName?.startsWith('_Z') ? node.name : node.mangledName;
        current = { symbol, name: node.name, isFunction, isOverload: node.mangledName !== symbol, hasBody: false, uses: new Set() };
        byId.set(node.id, current);
      } else if (node.kind === 'CompoundStmt' && current) current.hasBody = true;
      if (node.referencedDecl && current) current.uses.add(byId.get(node.referencedDecl.id)?.symbol ?? node.referencedDecl.name);
      for (const value of Object.values(node)) visit(value);
      if (isDeclaration) {
        const at = node.range.begin.expansionLoc ?? node.range.begin;
        const path = at.file && relative(glibc, at.file);
        if (path && !path.startsWith('..')) found.push({ ...current, file: path, line: at.line });
        current = outer;
      }
    };
    visit(JSON.parse(json.toString('utf8')));
    return found;
  } finally {
    rmSync(work, { recursive: true });
  }
}

/** The symbol tables beside the scripts. */
export const table = (architecture) => readFileSync(new URL(`../symbols/${architecture}.txt`, import.meta.url), 'utf8');
