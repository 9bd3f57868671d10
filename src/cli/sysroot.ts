import { Command } from 'commander';
import { writeSysroots } from '../index.js';
import { addCommonOptions, type CommonFlags, say } from './common-options.js';

const EXAMPLES = `
ART_SYSROOT names the folder to art cc, art c++ and art build: what they print then names its files, and dependency files list its headers.

  art sysroot --out ~/art-sysroot
  export ART_SYSROOT=~/art-sysroot
`;

/** `art sysroot`: headers and libraries as files, for clangd, bindgen, ccache and whatever else looks for them. */
export function sysrootCommand(): Command {
  const command = new Command('sysroot')
    .description('write the headers and libraries that art brings, for editors and tools that look for them')
    .requiredOption('--out <dir>', 'a folder that is new, empty, or was written so before')
    .option(
      '--target <target>',
      'for which target; repeat it for several (default: x86_64 and aarch64)',
      (target: string, targets: string[] = []) => [...targets, target],
    )
    .allowExcessArguments(false)
    .addHelpText('after', EXAMPLES);
  return addCommonOptions(command).action(
    async ({ out, target, ...common }: CommonFlags & { out: string; target?: string[] }) => {
      const folder = await writeSysroots(out, target);
      say(common, { out: folder }, `${folder}\n`);
    },
  );
}
