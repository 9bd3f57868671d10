// clang's flags that cannot work in a build of art, and what to do instead.

const PRINTS = 'it makes clang print something and compile nothing; art cc accepts it';
const WRITES = 'it makes clang write a file that is not part of an artifact; art cc accepts it';
const OTHER_MACHINE = "the machine is chosen with art's option --target, and art has no target of that kind";
const UNKNOWN_PATH = 'the compiler in art cannot see the file or directory that it names';

type Refusal = readonly [pattern: RegExp, why: string];

const REFUSED: readonly Refusal[] = [
  [/^-o/, 'artifacts go to the directory that --out names'],
  [/^-(c|S|E|fsyntax-only|emit-llvm)$/, 'what is written is chosen with --emit'],
  [/^(-target|--target(=.*)?|-arch)$/, 'use the --target option of art, before the --'],
  [/^-m(32|16|x32|iamcu|big-endian|abi=ilp32.*)$|^-EB$/, OTHER_MACHINE],
  [/^-march=native$|^-mcpu=native$|^-mtune=native$/, 'the machine that builds is not the one that runs; name a CPU'],
  [/^-M|^-Wp,(.*,)?-M/, 'dependency files are not written'],
  [/^-(###|dumpversion|dumpmachine|dumpspecs)$|^--?(help|version|print-|autocomplete)/, PRINTS],
  [/^--(analyze|analyzer-|precompile|migrate|emit-|extract-api)|^-(rewrite-|verify-pch)/, PRINTS],
  [/^-f(time-trace|stack-usage|save-optimization-record|proc-stat-report)/, WRITES],
  [/^-(dependency-dot|serialize-diagnostics|-serialize-diagnostics|gen-reproducer)/, WRITES],
  [/^-flto/, 'bitcode is part of the artifact as it is'],
  [/^-gsplit-dwarf/, 'an artifact has no .dwo entries; use -g'],
  [/^-save-temps|^--save-temps/, 'there are no temporary files to keep'],
  [/^-f(profile-(instr-|sample-)?use|auto-profile)(=|$)/, 'name the profile with the --with-profile option of art'],
  [/^-f(cs-)?profile-(instr-)?generate/, 'use the --instrument option of art'],
  [/^--coverage$|^-f(coverage-mapping|test-coverage|profile-arcs)$/, 'coverage is not measured'],
  [/^-f(no-)?integrated-as|^-no-integrated-as$/, 'there is no other assembler'],
  [/^--sysroot|^-isysroot/, 'use the --sysroot option of art, before the --'],
  [/^-resource-dir|^-working-directory/, "paths inside the compiler's file system are fixed"],
  [/^-include-pch/, 'precompiled headers cannot be read; include the header itself'],
  [/^-(F|iframework|iprefix|iwith|isystem-after|cxx-isystem|c-isystem|stdlib\+\+-isystem)/, UNKNOWN_PATH],
  [/^-i?vfsoverlay|^--(include-|warning-suppression-mappings|config)/, UNKNOWN_PATH],
  [
    /^-f(module-map-file|module-file|prebuilt-module-path|plugin|pass-plugin|profile-(remapping-file|list))=/,
    UNKNOWN_PATH,
  ],
  [/^-f(sanitize-.*(list|blacklist)|xray-.*(instrument|list)|randomize-layout-seed-file)=/, UNKNOWN_PATH],
  [/^@/, 'response files are not read; write the flags out'],
  [/^[^-]/, 'sources go before the --'],
];

/** Refused values of flags that pass their value on. */
const REFUSED_VALUES: readonly (readonly [flag: RegExp, ...Refusal])[] = [
  [/^-Xclang/, /^-(aux-)?triple/, 'use the --target option of art, before the --'],
  [/^-Xclang/, /^-(E|S|o|Eonly|eonly|fsyntax-only|emit-.*)$/, 'what is written is chosen with --emit'],
  [
    /^-Xclang/,
    /^-(ast-|analyze|dump-(raw-)?tokens|print-(preamble|supported|enabled)|init-only|rewrite-|help|version|verify-pch)/,
    PRINTS,
  ],
  [/^-Xclang/, /^-(dependency-(file|dot)|header-include-file|serialize-diagnostic)/, WRITES],
  [/^-Xclang/, /^-(include-pch|load|fmodule-(map-)?file=|ivfsoverlay)/, UNKNOWN_PATH],
  [/^-Xpreprocessor/, /^-M/, 'dependency files are not written'],
  [/^-mllvm/, /^--?(help|version|print-(all-)?options)/, PRINTS],
];

/**
 * Why a flag cannot be used here; undefined if it can.
 * @param next the argument after it, if that is its value
 */
export function refusal(flag: string, next?: string): string | undefined {
  const [, before = flag, joined] = /^(-Xclang|-mllvm)=(.*)$/s.exec(flag) ?? [];
  const value = joined ?? next;
  const passedOn = value !== undefined && REFUSED_VALUES.find(([of, v]) => of.test(before) && v.test(value));
  return passedOn ? passedOn[2] : REFUSED.find(([pattern]) => pattern.test(flag))?.[1];
}
