// What a profile gives: the program of fixtures/profile, built with one and without, run in turn.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { measure } from './measure.mjs';
import { ROOT } from './sides.mjs';

const PROJECT = join(ROOT, 'fixtures/profile');
const TARGET = { x64: 'x86_64', arm64: 'aarch64' }[process.arch];
/** How often the program goes round while it is counted. */
const TRAINING = '100000';

/** Builds the program and gives its path. */
function build(scratch, node, name, options) {
  const out = join(scratch, `profile-${name}`);
  const art = (...args) => execFileSync(node, [join(ROOT, 'dist/cli/main.js'), ...args], { stdio: 'pipe' });
  art('build', PROJECT, '-O2', '--quiet', '--target', TARGET, '--link', 'program', '--out', out, ...options);
  art('extract', out, '--out', out, '--type', 'executable', '--quiet');
  return join(out, `executables/${TARGET}-unknown-linux-musl/program`);
}

/** A profile of a run, made with art alone. */
function counted(scratch, node, level) {
  const program = build(scratch, node, `counting-${level}`, [`--instrument=${level}`]);
  const profile = join(scratch, `${level}.profraw`);
  execFileSync(program, [TRAINING], { stdio: 'pipe', env: { ...process.env, LLVM_PROFILE_FILE: profile } });
  return profile;
}

/** One row for each kind of profile. */
export function profileRows(scratch, node) {
  const without = build(scratch, node, 'none', []);
  const row = (name, profile) => ({
    name,
    work: { with: build(scratch, node, name, ['--with-profile', profile]), without },
    goal: { ratio: 0.5 },
  });
  return [
    row('artifact', join(PROJECT, 'profile.json')),
    row('frontend', counted(scratch, node, 'frontend')),
    row('ir', counted(scratch, node, 'ir')),
  ];
}

/** The two sides of such a row. */
export const profileSides = [
  { name: 'with', run: (work) => measure(work.with, []) },
  { name: 'without', run: (work) => measure(work.without, []) },
];
