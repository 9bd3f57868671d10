// Puts what a version of glibc lacks between '#if __GLIBC_MINOR__ >= …' and '#endif', in place.
//   usage: guard.mjs <glibc's headers> <Linux's headers>
// Both folders have generic/, x86_64/ and aarch64/. Needs clang-22 and what 'npm run build' writes.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { declarations, flagsFor, linkable, MODES, NEWEST, OLDEST, publicHeaders, table } from './declared.mjs';

const [glibc, linux] = process.argv.slice(2).map((folder) => resolve(folder));

/** file -> line -> the first minor version that has something of what begins there */
const guards = new Map();
for (const architecture of ['x86_64', 'aarch64']) {
  const versions = linkable(table(architecture));
  /** The first version that has a symbol; undefined for what is in no library here, or is there no longer. */
  const since = (symbol) => (versions.get(symbol)?.at(-1) === NEWEST ? versions.get(symbol)[0] : undefined);
  const headers = publicHeaders(glibc, architecture);
  for (const mode of MODES)
    for (const { symbol, hasBody, uses, file, line } of declarations(glibc, headers, [...flagsFor(architecture, glibc, linux), ...mode])) {
      // resolv.h, as patched, says __res_query for res_query where the library does.
      const own = (file.endsWith('/resolv.h') && since(`__${symbol}`)) || since(symbol);
      const needs = [own, ...(hasBody ? [...uses].map(since) : [])].filter((minor) => minor !== undefined);
      if (needs.length === 0) continue;
      if (!guards.has(file)) guards.set(file, new Map());
      const lines = guards.get(file);
      lines.set(line, Math.min(lines.get(line) ?? NEWEST, Math.max(...needs)));
    }
}

/** The last line of what begins at a line: up to a semicolon, or the end of a function's body. */
function lastLine(lines, first) {
  let depth = 0;
  let inComment = false;
  for (let at = first; at < lines.length; at++) {
    const line = lines[at];
    if (/^\s*#/.test(line) && !inComment) {
      if (/\\$/.test(line)) throw new Error('a macro within a declaration');
      continue;
    }
    for (let i = 0; i < line.length; i++) {
      if (inComment) {
        if (line.startsWith('*/', i)) {
          inComment = false;
          i++;
        }
      } else if (line.startsWith('/*', i)) {
        inComment = true;
        i++;
      } else if (line.startsWith('//', i)) break;
      else if (line[i] === '"') i = line.indexOf('"', i + 1);
      else if ('({['.includes(line[i])) depth++;
      else if (')}]'.includes(line[i])) {
        depth--;
        if (depth === 0 && line[i] === '}') return at;
      } else if (line[i] === ';' && depth === 0) return at;
    }
  }
  throw new Error('a declaration without end');
}

for (const [file, found] of guards) {
  const path = join(glibc, file);
  const lines = readFileSync(path, 'latin1').split('\n');
  const ranges = [];
  for (const [line, minor] of [...found].sort(([a], [b]) => a - b)) {
    if (minor <= OLDEST) continue;
    const first = line - 1;
    try {
      const last = lastLine(lines, first);
      const before = ranges.at(-1);
      if (before && first <= before.last) continue;
      const between = before && lines.slice(before.last + 1, first);
      if (before && before.minor === minor && between.every((text) => text.trim() === '')) before.last = last;
      else ranges.push({ first, last, minor });
    } catch (error) {
      throw new Error(`${file}:${line}: ${error.message}: ${lines[first]}`);
    }
  }
  for (const { first, last, minor } of ranges.reverse()) {
    const conditions = lines.slice(first, last + 1).filter((text) => /^\s*#\s*(if|endif|el)/.test(text));
    if (conditions.filter((text) => /#\s*if/.test(text)).length !== conditions.filter((text) => /#\s*endif/.test(text)).length)
      throw new Error(`${file}:${first + 1}: a condition within the declaration is not whole`);
    lines.splice(last + 1, 0, '#endif');
    lines.splice(first, 0, `#if __GLIBC_MINOR__ >= ${minor}`);
  }
  if (ranges.length > 0) writeFileSync(path, lines.join('\n'), 'latin1');
}
