// The manual page art(1), in the format of man(7).
import { VERSION } from '../version.js';
import { COMPILER_COMMANDS } from './cc.js';
import { type CommandWords, commandTree } from './command-tree.js';
import { createProgram } from './program.js';

/** Escapes a text for roff: special characters are escaped, no line begins with a request, and all is ASCII. */
const roff = (text: string) =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/gm, '\\&$1')
    .replace(/[^\n -~]/gu, (sign) => `\\[u${sign.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}]`);

const commandText = ({ words, description, usage, options }: CommandWords) => `.SS art ${roff(words)}
${roff(description)}
.PP
.B art ${roff(words)}
${roff(usage)}
${options.map(({ flags, description: does }) => `.TP\n.B ${roff(flags)}\n${roff(does)}`).join('\n')}
`;

/** @returns the source of the page */
export function manPage(): string {
  const program = createProgram([], () => {});
  const compilers = Object.entries(COMPILER_COMMANDS).map(
    ([name, tool]) =>
      `.TP\n.B art ${roff(name)}\n${roff(tool)}, with its arguments; in one word \\fBart\\-${roff(name)}\\fR`,
  );
  return `.TH ART 1 "" "art ${roff(VERSION)}" "User commands"
.SH NAME
art, art\\-aot \\- compile and link C, C++, assembly and LLVM IR with no compiler installed
.SH SYNOPSIS
.B art
.I command
.RI [ options ]
.SH DESCRIPTION
art compiles and links for x86_64 and aarch64, with clang, lld and LLVM as WebAssembly inside the package, and packs the
results into an artifact: artifact.tar.gz, and artifact.json, which says what is in it and where it comes from.
.SH COMMANDS
${commandTree(program).map(commandText).join('')}.SH COMPILER COMMANDS
For builds that call a compiler.
${compilers.join('\n')}
.SH EXIT STATUS
0: success. 1: the build or the check failed. 2: wrong usage. 130, 143, 129: ended by SIGINT, SIGTERM, SIGHUP.
.SH ENVIRONMENT
.TP
.B SOURCE_DATE_EPOCH
seconds since 1970 that __DATE__, __TIME__ and the times in an archive show; default 0
.TP
.BR NO_COLOR ", " FORCE_COLOR
colours never, always
.TP
.B ART_DEBUG
1: an internal error shows its stack
`;
}
