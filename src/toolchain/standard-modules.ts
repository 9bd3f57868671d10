// C++23's `import std;` and `import std.compat;` in a build: compiles libc++'s modules for the units that import them.
import { targetOf } from '../targets/targets.js';
import { takesValue } from './command-target.js';
import { OUTPUT, STANDARD_MODULES } from './paths.js';
import type { ModuleName, StandardModule } from './requests.js';
import { sysrootPath } from './sysroot.js';

/** The file to which a module is written. */
export const MADE_MODULE = `${OUTPUT}/module.pcm`;

/** The modules that a module imports. */
export const IMPORTS: Readonly<Record<ModuleName, readonly ModuleName[]>> = { std: [], 'std.compat': ['std'] };

/** The source of a module in a target's sysroot; undefined for targets that have none. */
export function moduleSource(name: ModuleName, triple: string): string | undefined {
  const sysroot = targetOf(triple)?.sysroot;
  return sysroot && `${sysrootPath(sysroot)}/usr/share/libc++/v1/${name}.cppm`;
}

/** The file in which units find a module. */
export const modulePath = (name: ModuleName): string => `${STANDARD_MODULES}/${name}.pcm`;

/** Flags with which clang finds modules. */
export const moduleOptions = (modules: readonly StandardModule[]): string[] =>
  modules.map(({ name }) => `-fmodule-file=${name}=${modulePath(name)}`);

/**
 * The module of the standard library that clang did not find, from its message. Only clang knows what a unit imports,
 * since an import may be in a header and below #if.
 */
export function missingModule(stderr: string): ModuleName | undefined {
  const [, name] = /\bmodule '(std|std\.compat)' not found/.exec(stderr) ?? [];
  return name as ModuleName | undefined;
}

/** Flags about a unit's own files and about warnings, which do not concern a module of the library. */
const ABOUT_FILES = /^(-I|-isystem|-iquote|-idirafter|-?-include|-?-imacros|--embed-dir|-x|-W(?!p,|a,|l,))/;
/** Those whose value is the next word, if it is not in the same word. */
const BARE = /^(-I|-isystem|-iquote|-idirafter|-?-include|-?-imacros|-x)$/;

/** The flags of a unit that its modules must be compiled with as well: language, target, macros, code generation. */
export function moduleFlags(flags: readonly string[]): string[] {
  const kept: string[] = [];
  for (let at = 0; at < flags.length; at++) {
    const flag = flags[at] as string;
    if (ABOUT_FILES.test(flag)) at += BARE.test(flag) ? 1 : 0;
    else kept.push(flag, ...(takesValue(flag) ? flags.slice(++at, at + 1) : []));
  }
  return kept;
}

/**
 * The command line that compiles a module.
 * @param options of driverOptions
 * @param flags of moduleFlags
 * @param modules that it imports
 */
export function moduleArguments(
  name: ModuleName,
  triple: string,
  options: readonly string[],
  flags: readonly string[],
  modules: readonly StandardModule[],
): string[] {
  return [
    'clang++',
    ...options,
    ...['-fdebug-compilation-dir=.', '-fcoverage-compilation-dir=.'],
    ...flags,
    // Reserved module names are allowed for the library, and its warnings do not concern its users.
    ...['-w', ...moduleOptions(modules), '--precompile', '-o', MADE_MODULE],
    moduleSource(name, triple) as string,
  ];
}
