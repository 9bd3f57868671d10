import { Command } from 'commander';
import { writeSysroots } from '../index.js';
import { addCommonOptions, type CommonFlags, say } from './common-options.js';

const EXAMPLES = `
Set ART_SYSROOT to the folder, so that the messages and the dependency files of art cc, art c++ and art build name the files in it.

  art sysroot --out ~/art-sysroot
  export ART_SYSROOT=~/art-sysroot
`;

/**
 * `art sysroot`: writes headers and libraries as files, for clangd, bindgen, ccache and other programs that look for
 * them.
 */
export function sysrootCommand(): Command {
  const command = new Command('sysroot')
    .description("write art's headers and libraries as files, for editors and other tools")
    .requiredOption('--out <dir>', 'a folder that is new, empty, or was written by an earlier art sysroot')
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
