// Makes the table of glibc's symbols for one architecture from the shared libraries of several Debian releases.
//   usage: table.mjs <x86_64|aarch64> <version>=<folder>... >table
// Each folder has the unpacked package libc6 of the version; oldest first. README.md says what the table's lines mean.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const OLDEST = '2.17';
/** The version in which glibc's other libraries became part of libc.so.6. */
const MERGED = '2.34';
const [architecture, ...given] = process.argv.slice(2);
const releases = given.map((word) => ({ version: word.slice(0, word.indexOf('=')), folder: word.slice(word.indexOf('=') + 1) }));
const loader = { x86_64: 'ld-linux-x86-64.so.2', aarch64: 'ld-linux-aarch64.so.1' }[architecture];
const LIBRARIES = [
  'libc.so.6', 'libm.so.6', 'libpthread.so.0', 'libdl.so.2', 'librt.so.1', 'libutil.so.1', 'libresolv.so.2', 'libanl.so.1',
  'libmvec.so.1', loader,
];

const numbers = (version) => version.split('.').map(Number);
function compare(a, b) {
  const [x, y] = [numbers(a), numbers(b)];
  for (let i = 0; i < Math.max(x.length, y.length); i++) if ((x[i] ?? 0) !== (y[i] ?? 0)) return (x[i] ?? 0) - (y[i] ?? 0);
  return 0;
}
const newest = (versions) => [...versions].sort(compare).at(-1);

const obsolete = new Map();
let section;
for (const line of readFileSync(new URL('obsolete.txt', import.meta.url), 'utf8').split('\n')) {
  if (line.startsWith('[')) obsolete.set((section = line.slice(1, -1)), []);
  else if (/^\d/.test(line)) {
    const [version, ...names] = line.split(' ');
    for (const name of names) obsolete.get(section).push({ version, name: new RegExp(`^${name.replaceAll('*', '.*')}$`) });
  }
}
const obsoleteFrom = (library, name) => obsolete.get(library)?.find((entry) => entry.name.test(name))?.version;

/** name@version -> { name, version, isDefault, size, place, isConstant } of what programs may use of a shared library; size 0 for functions. */
function read(folder, library) {
  const below = readdirSync(folder, { recursive: true }).filter((path) => path.endsWith(`/${library}`) && existsSync(join(folder, path))); // one of several may be a link to the system's own
  if (below.length === 0) return new Map();
  const lines = execFileSync('llvm-readelf-22', ['--section-headers', '--dyn-syms', '--wide', join(folder, below[0])], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  }).split('\n');
  const writable = new Set(lines.flatMap((line) => /^\s*\[\s*(\d+)\].*\s[AXTp]*W[A-Zp]*\s+\d+\s+\d+\s+\d+$/.exec(line)?.[1] ?? []));
  const symbols = new Map();
  for (const line of lines) {
    const found = /^\s*\d+: ([0-9a-f]+)\s+(\d+) (\S+)\s+\S+\s+\S+\s+(?:\[.*\] )?\s*(\S+) ([^@\s]+)(@@?)GLIBC_([\d.]+)$/.exec(line);
    if (!found || found[4] === 'UND' || found[4] === 'ABS') continue;
    const [, place, size, type, section, name, at, version] = found;
    if (!['FUNC', 'IFUNC', 'OBJECT'].includes(type)) throw new Error(`${library}: ${name} is of the type ${type}`);
    symbols.set(`${name}@${version}`, { name, version, isDefault: at === '@@', size: type === 'OBJECT' ? Number(size) : 0, place, isConstant: !writable.has(section) });
  }
  return symbols;
}

/** The entries of one library: what a symbol of a version is, from and to which glibc, and from when only for old programs. */
function entriesOf(library) {
  const entries = new Map();
  const places = new Map();
  let previous;
  for (const release of releases) {
    const symbols = read(release.folder, library);
    const versionsOf = (table, name) => [...table.values()].filter((symbol) => symbol.name === name).map(({ version }) => version);
    for (const [key, { name, version, isDefault, size, place, isConstant }] of symbols) {
      const before = entries.get(key);
      if (!before) {
        const added = { name, version, size, place: undefined, from: undefined, to: undefined, old: undefined };
        // A version older than the last release's glibc, seen here for the first time: the symbol came from another library.
        if (previous && compare(version, previous) <= 0) {
          const moved = newest(versionsOf(symbols, name));
          added.from = compare(moved, previous) > 0 ? moved : MERGED;
        }
        if (!isDefault && !versionsOf(symbols, name).some((other) => compare(other, version) > 0)) {
          added.old = obsoleteFrom(library, name) ?? version; // as far back as these versions go
        }
        if (size > 0) {
          // Names of one object share a place; a program that copies the object takes all of them.
          const at = `${release.version} ${place}`;
          if (!places.has(at)) places.set(at, places.size + 1);
          added.place = `${isConstant ? 'r' : ''}${places.get(at)}`;
        }
        entries.set(key, added);
      } else {
        if (before.size !== size) throw new Error(`${library}: the size of ${key} is another in ${release.version}`);
        const superseded = versionsOf(symbols, name).some((other) => compare(other, version) > 0);
        if (!isDefault && !superseded && before.old === undefined) {
          before.old = obsoleteFrom(library, name);
          if (before.old === undefined) throw new Error(`obsolete.txt: since when is ${library}'s ${key} only for old programs?`);
          if (compare(before.old, previous) <= 0 || compare(before.old, release.version) > 0)
            throw new Error(`obsolete.txt: ${library}'s ${key} became old between ${previous} and ${release.version}`);
        }
      }
    }
    for (const [key, entry] of entries) if (!symbols.has(key) && entry.to === undefined) entry.to = { after: previous };
    previous = release.version;
  }
  return entries;
}

const libraries = new Map(LIBRARIES.map((library) => [library, entriesOf(library)]));
// What left a library did so in the version that libc.so.6 gave it at its new place.
for (const entries of libraries.values())
  for (const entry of entries.values())
    if (entry.to) {
      const taken = [...libraries.get('libc.so.6').values()].filter(
        ({ name, version }) => name === entry.name && compare(version, entry.to.after) > 0 && compare(version, MERGED) <= 0,
      );
      entry.to = taken.length > 0 ? taken.map(({ version }) => version).sort(compare)[0] : MERGED;
    }

/** What the table says of a library in a version: name@version -> whether it is the default. */
function derived(entries, glibc) {
  const there = [...entries.values()].filter(
    ({ version, from, to }) => compare(from ?? version, glibc) <= 0 && (to === undefined || compare(glibc, to) < 0),
  );
  const latest = new Map();
  for (const entry of there) if (compare(entry.version, latest.get(entry.name)?.version ?? '0') > 0) latest.set(entry.name, entry);
  return new Map(
    there.map((entry) => [
      `${entry.name}@${entry.version}`,
      latest.get(entry.name) === entry && (entry.old === undefined || compare(glibc, entry.old) < 0),
    ]),
  );
}
for (const { version, folder } of releases)
  for (const [library, entries] of libraries) {
    const real = read(folder, library);
    const ours = derived(entries, version);
    for (const [key, isDefault] of ours)
      if (real.get(key)?.isDefault !== isDefault) throw new Error(`${library} ${version}: ${key} is not as in Debian's`);
    if (real.size !== ours.size) throw new Error(`${library} ${version}: ${ours.size} symbols, ${real.size} in Debian's`);
  }

console.log(`# glibc ${OLDEST} to ${newest(releases.map(({ version }) => version))} for ${architecture}. Made by table.mjs; README.md says what the lines mean.`);
for (const [library, entries] of libraries) {
  if (entries.size === 0) continue;
  console.log(`[${library}]`);
  const groups = new Map();
  for (const entry of entries.values()) {
    const { version, from, to, old, name, size, place } = entry;
    const title = [version, from && `from=${from}`, to && `to=${to}`, old && `old=${old}`].filter(Boolean).join(' ');
    if (!groups.has(title)) groups.set(title, { version, lines: [] });
    groups.get(title).lines.push(size > 0 ? `${name} ${size} ${place}` : name);
  }
  const byVersion = ([a, x], [b, y]) => compare(x.version, y.version) || (a < b ? -1 : 1);
  for (const [title, { lines }] of [...groups].sort(byVersion)) console.log([title, ...lines.sort()].join('\n'));
}
