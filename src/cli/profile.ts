// `art plan` and `art profile`.
import { Command, InvalidArgumentError, Option } from 'commander';
import {
  mergeProfiles,
  PROFILE_OUTPUTS,
  type ProfileOutput,
  type ProfileSummary,
  plan,
  showProfile,
  writePlan,
} from '../index.js';
import { printable, printableText } from '../text/printable.js';
import { addCommonOptions, type CommonFlags, say, warn } from './common-options.js';
import { humanSize } from './result.js';

const collect = (value: string, all: string[]) => [...all, value];

function count(value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw new InvalidArgumentError('Expected a whole number');
  return Number(value);
}

interface PlanFlags extends CommonFlags {
  withProfile: string[];
  out?: string;
}

/** `art plan`. */
export function planCommand(): Command {
  const command = new Command('plan')
    .description('make a plan for art build --plan: what a profile means for every function')
    .usage('[options] --with-profile <file>')
    .requiredOption('--with-profile <file>', 'a profile; may be given several times, to be merged', collect, [])
    .option('--out <file>', 'where to write (default: standard output)')
    .allowExcessArguments(false);
  const json = 'print one JSON object, for machines; without --out the plan is that';
  return addCommonOptions(command, { json }).action(async ({ withProfile, out, ...common }: PlanFlags) => {
    const text = await writePlan(await plan({ withProfile, onWarning: warn }), out);
    const size = Buffer.byteLength(text);
    if (out !== undefined) say(common, { out, size }, `${printable(out)}  ${humanSize(size)}\n`);
    else if (!common.quiet) process.stdout.write(text);
  });
}

interface MergeOptions extends CommonFlags {
  out: string;
  to?: ProfileOutput;
}

const FORMATS = 'json: artifact profile; instr, sample: as LLVM reads them; the others: text';

const to = () => new Option('--to <format>', FORMATS).choices(PROFILE_OUTPUTS);

/** `art profile`. */
export function profileCommand(): Command {
  const merge = new Command('merge')
    .description('merge profiles of one kind, such as the .profraw files of several runs')
    .usage('[options] <profile>... -o <file>')
    .argument('<profiles...>', 'profiles; the format is recognised by the content')
    .requiredOption('-o, --out <file>', 'the file to write')
    .addOption(to());
  const convert = new Command('convert')
    .description('write a profile in another format')
    .usage('[options] <profile> --to <format> -o <file>')
    .argument('<profile>', 'the profile')
    .requiredOption('-o, --out <file>', 'the file to write')
    .addOption(to().makeOptionMandatory())
    .allowExcessArguments(false);
  const show = new Command('show')
    .description('show what is in a profile, hottest functions first')
    .usage('[options] <profile>')
    .argument('<profile>', 'the profile')
    .option('--top <n>', 'how many functions to show', count, 10)
    .allowExcessArguments(false);
  addCommonOptions(merge).action(write);
  addCommonOptions(convert).action((profile: string, options: MergeOptions) => write([profile], options));
  addCommonOptions(show, { json: 'print one JSON object, for machines, with all functions' }).action(
    async (profile: string, { top, ...common }: CommonFlags & { top: number }) => {
      const summary = await showProfile(profile);
      say(common, summary, printableText(table(profile, summary, top)));
    },
  );
  const command = new Command('profile').description('merge, show or convert profiles').helpCommand(false);
  for (const sub of [merge, convert, show]) command.addCommand(sub);
  return command;
}

async function write(inputs: string[], { out, to: format, ...common }: MergeOptions): Promise<void> {
  const result = await mergeProfiles({ inputs, output: out, ...(format && { format }) });
  result.warnings.forEach(warn);
  say(common, result, `${printable(result.output)}  ${result.format}  ${humanSize(result.size)}\n`);
}

function table(name: string, summary: ProfileSummary, top: number): string {
  const { kind, format, version, entries } = summary;
  const functions = summary.functions === 1 ? '1 function' : `${summary.functions} functions`;
  const written = `${format}${version === null ? '' : ` ${version}`}`;
  const rows = entries.slice(0, top);
  const width = Math.max('count'.length, ...rows.map((row) => String(row.count).length));
  const more = entries.length > rows.length ? `${' '.repeat(width + 4)}and ${entries.length - rows.length} more\n` : '';
  return [
    `${name}: ${kind}, ${written}${summary.context_sensitive ? ', context-sensitive' : ''}${summary.hashed_names ? ', names as MD5 hashes' : ''}; ${functions}, ${summary.total} counts\n`,
    `  ${'count'.padStart(width)}  function\n`,
    ...rows.map((row) => `  ${String(row.count).padStart(width)}  ${row.name}\n`),
    more,
  ].join('');
}
