// `art convert`.
import { Command, Option } from 'commander';
import { convert, LAYOUTS, type Layout } from '../index.js';
import { bytes } from './consume.js';

interface Options {
  to: Layout;
  out: string;
  maxSize?: number;
  json?: boolean;
  quiet?: boolean;
}

export function convertCommand(): Command {
  return new Command('convert')
    .description('write an artifact in another layout, without loss')
    .usage('[options] <artifact>')
    .argument('<artifact>', 'the artifact in any layout: a folder, its artifact.json, one JSON file, or a URL of these')
    .addOption(new Option('--to <layout>', 'the layout to write').choices(LAYOUTS).makeOptionMandatory())
    .requiredOption('--out <where>', "a file for 'json'; for the others a folder that is new or empty")
    .option('--max-size <bytes>', 'bytes that all entries together may have (default: 16G)', bytes)
    .option('--json', 'print one JSON object, for machines')
    .option('--quiet', 'print errors only')
    .action(async (source: string, { to, out, maxSize, json, quiet }: Options) => {
      await convert(source, { to, out, ...(maxSize !== undefined && { maxSize }) });
      if (json) process.stdout.write(`${JSON.stringify({ ok: true, to, out }, null, 2)}\n`);
      else if (!quiet) process.stdout.write(`${out}\n`);
    });
}
