// `art verify` and `art extract`.
import { Command } from 'commander';
import { ArtError } from '../errors.js';
import { check, openArtifact, type Verification } from '../index.js';
import { printable, printableJson } from '../text/printable.js';
import { addCommonOptions, type CommonFlags, say } from './common-options.js';
import { addOpenOptions, type OpenFlags, openOptions } from './open-options.js';
import { humanSize } from './result.js';
import { endedBySignals } from './signals.js';

interface Options extends OpenFlags, CommonFlags {
  out?: string;
  target?: string;
  type?: string;
  requireSignature?: boolean;
}

const ARTIFACT = 'the artifact in any layout: a folder, its artifact.json, one JSON file, or a URL of these';

/** `art verify`: exit status 1 if anything is wrong. */
export function verifyCommand(setStatus: (status: number) => void): Command {
  const command = new Command('verify')
    .description('check an artifact against its manifest')
    .usage('[options] <artifact>')
    .argument('<artifact>', ARTIFACT)
    .allowExcessArguments(false);
  addOpenOptions(command).option(
    '--require-signature',
    'an artifact without a signature is a failure; so it is with --key or --trusted',
  );
  return addCommonOptions(command, { quiet: 'print failures only' }).action(async (source: string, options: Options) =>
    setStatus(await verify(source, options)),
  );
}

/** What is printed about the signature of an artifact without failures. */
const SIGNATURES: Readonly<Record<Verification['signature'], string>> = {
  trusted: ', and signed with a trusted key',
  unchecked: '; its signature was not checked: name a key with --key or --trusted',
  none: '',
  invalid: '',
};

async function verify(source: string, options: Options): Promise<number> {
  const { failures, signature } = await check(source, {
    ...openOptions(options),
    ...(options.requireSignature && { requireSignature: true }),
  });
  const ok = failures.length === 0;
  if (options.json) process.stdout.write(`${printableJson({ ok, failures, signature })}\n`);
  else for (const failure of failures) process.stderr.write(`art: error: ${printable(source)}: ${failure}\n`);
  if (ok && !options.json && !options.quiet)
    process.stdout.write(`${printable(source)}: all is as the manifest says${SIGNATURES[signature]}\n`);
  return ok ? 0 : 1;
}

/** `art extract`: unpacks an artifact after checking it. */
export function extractCommand(): Command {
  const command = new Command('extract')
    .description('unpack entries of an artifact, after checking all of it')
    .usage('[options] <artifact>')
    .argument('<artifact>', ARTIFACT)
    .option('--out <dir>', 'where to write (default: .)')
    .option('--target <target>', 'only entries for this target or architecture')
    .option('--type <type>', 'only entries of this type, such as object or bitcode')
    .allowExcessArguments(false);
  return addCommonOptions(addOpenOptions(command), { quiet: 'print errors only' }).action(
    (source: string, options: Options) => endedBySignals(() => extract(source, options)),
  );
}

async function extract(source: string, options: Options): Promise<void> {
  const artifact = await openArtifact(source, openOptions(options));
  const filter = {
    ...(options.target !== undefined && { target: options.target }),
    ...(options.type !== undefined && { type: options.type }),
  };
  if (artifact.entries(filter).length === 0)
    throw new ArtError(
      'NO_SUCH_ENTRY',
      `no entry of '${source}' fits: it has targets ${printable(artifact.manifest.targets.join(', '))} and types ${[...new Set(artifact.manifest.entries.map((e) => e.type))].join(', ')}`,
    );
  const paths = await artifact.extract(options.out ?? '.', filter);
  const lines = artifact.entries(filter).map(({ path, size }) => `${printable(path)}  ${humanSize(size ?? 0)}\n`);
  say(options, { entries: paths }, lines.join(''));
}
