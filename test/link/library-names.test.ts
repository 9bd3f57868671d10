// Libraries that build systems name because GCC needs them; in art their contents are in other libraries.
import { test } from 'vitest';
import { TRIPLES } from '../support/native.js';
import { project } from '../support/project.js';
import { commands } from '../support/resident.js';

const { ok } = commands();

test.each(TRIPLES)("GCC's and musl's other libraries are there for %s", (triple) => {
  // Division of __int128 is in GCC's library, and without the standard libraries nothing else provides it.
  const alone = `typedef unsigned __int128 u;
u divide(u a, u b) { return a / b; }
void _start(void) { divide(3, 2); }
`;
  const cwd = project({ 'alone.c': alone, 'main.c': 'int main(void) { return 0; }\n' });
  ok(['cc', `--target=${triple}`, '-nostdlib', 'alone.c', '-lgcc', '-o', 'alone'], { cwd });
  const names = ['gcc', 'gcc_s', 'gcc_eh', 'atomic', 'ssp', 'crypt', 'm', 'pthread', 'dl', 'rt', 'stdc++'];
  ok(['cc', `--target=${triple}`, 'main.c', ...names.map((name) => `-l${name}`), '-o', 'main'], { cwd });
});
