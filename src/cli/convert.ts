// `art convert`.
import { Command, Option } from 'commander';
import { convert, LAYOUTS, type Layout } from '../index.js';
import { printable } from '../text/printable.js';
import { addCommonOptions, type CommonFlags, say } from './common-options.js';
import { addOpenOptions, type OpenFlags, openOptions } from './open-options.js';
import { endedBySignals } from './signals.js';

interface Options extends OpenFlags, CommonFlags {
  to: Layout;
  out: string;
}

export function convertCommand(): Command {
  const command = new Command('convert')
    .description('write an artifact in another layout, without loss')
    .usage('[options] <artifact>')
    .argument('<artifact>', 'the artifact in any layout: a folder, its artifact.json, one JSON file, or a URL of these')
    .addOption(new Option('--to <layout>', 'the layout to write').choices(LAYOUTS).makeOptionMandatory())
    .requiredOption('--out <where>', "a file for 'json'; for the others a folder that is new or empty")
    .allowExcessArguments(false);
  return addCommonOptions(addOpenOptions(command), { quiet: 'print errors only' }).action(
    async (source: string, { to, out, json, quiet, ...options }: Options) => {
      await endedBySignals(() => convert(source, { to, out, ...openOptions(options) }));
      say({ json, quiet } as CommonFlags, { to, out }, `${printable(out)}\n`);
    },
  );
}
