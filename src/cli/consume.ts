// `art verify` and `art extract`.
import { readdirSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { join } from 'pathe';
import { ArtError } from '../errors.js';
import { openArtifact, verify } from '../index.js';
import { humanSize } from './result.js';

interface Options {
  out?: string;
  target?: string;
  type?: string;
  maxSize?: number;
  sha256?: string;
  key?: string[];
  trusted?: string;
  requireSignature?: boolean;
  json?: boolean;
  quiet?: boolean;
}

/** A number of bytes as people write it, such as 500000000 or 2G. */
export function bytes(value: string): number {
  const [, digits, unit = ''] = /^(\d+)([KMGT]?)$/.exec(value) ?? [];
  if (digits === undefined) throw new InvalidArgumentError('Expected bytes, such as 500000000 or 2G');
  return Number(digits) * 1024 ** ' KMGT'.indexOf(unit || ' ');
}

const collect = (value: string, all: string[]) => [...all, value];

const limits = ({ maxSize, sha256 }: Options) => ({
  ...(maxSize !== undefined && { maxSize }),
  ...(sha256 !== undefined && { sha256 }),
});

function digest(value: string): string {
  if (!/^[0-9a-f]{64}$/.test(value)) throw new InvalidArgumentError('Expected 64 lower-case hex digits');
  return value;
}

/** `art verify`: exit status 1 where anything is wrong. */
export function verifyCommand(setStatus: (status: number) => void): Command {
  return new Command('verify')
    .description('check an artifact against its manifest')
    .usage('[options] <artifact>')
    .argument('<artifact>', 'the artifact in any layout: a folder, its artifact.json, one JSON file, or a URL of these')
    .option('--key <pub>', 'a public key that must have signed it; may be given several times', collect, [])
    .option('--trusted <dir>', 'the same, for every .pub in a directory')
    .option('--require-signature', 'an artifact without a signature is a failure')
    .option('--sha256 <digest>', 'what artifact.json must be, down to the byte', digest)
    .option('--max-size <bytes>', 'bytes that all entries together may have (default: 16G)', bytes)
    .option('--json', 'print one JSON object, for machines')
    .option('--quiet', 'print failures only')
    .action(async (source: string, options: Options) => setStatus(await check(source, options)));
}

async function check(source: string, options: Options): Promise<number> {
  const keys = [...(options.key ?? []), ...trustedKeys(options.trusted)];
  const failures = await verify(source, {
    ...limits(options),
    keys,
    ...(options.requireSignature && { requireSignature: true }),
  });
  if (options.json) process.stdout.write(`${JSON.stringify({ ok: failures.length === 0, failures }, null, 2)}\n`);
  else for (const failure of failures) process.stderr.write(`art: error: ${source}: ${failure}\n`);
  if (failures.length === 0 && !options.json && !options.quiet)
    process.stdout.write(
      `${source}: all is as the manifest says${keys.length > 0 ? ', and signed with a trusted key' : ''}\n`,
    );
  return failures.length === 0 ? 0 : 1;
}

function trustedKeys(directory: string | undefined): string[] {
  if (directory === undefined) return [];
  let names: string[];
  try {
    names = readdirSync(directory).filter((name) => name.endsWith('.pub'));
  } catch (cause) {
    throw new ArtError('KEY_INVALID', `cannot read the directory '${directory}' of trusted keys`, { cause });
  }
  if (names.length === 0) throw new ArtError('KEY_INVALID', `no .pub in the directory '${directory}' of trusted keys`);
  return names.sort().map((name) => join(directory, name));
}

/** `art extract`: unpacks what was checked. */
export function extractCommand(): Command {
  return new Command('extract')
    .description('unpack entries of an artifact, after checking all of it')
    .usage('[options] <artifact>')
    .argument('<artifact>', 'the artifact in any layout: a folder, its artifact.json, one JSON file, or a URL of these')
    .option('--out <dir>', 'where to write (default: .)')
    .option('--target <target>', 'only entries for this target or architecture')
    .option('--type <type>', 'only entries of this type, such as object or bitcode')
    .option('--sha256 <digest>', 'what artifact.json must be, down to the byte', digest)
    .option('--max-size <bytes>', 'bytes that all entries together may have (default: 16G)', bytes)
    .option('--json', 'print one JSON object, for machines')
    .option('--quiet', 'print errors only')
    .action((source: string, options: Options) => extract(source, options));
}

async function extract(source: string, options: Options): Promise<void> {
  const artifact = await openArtifact(source, limits(options));
  const filter = {
    ...(options.target !== undefined && { target: options.target }),
    ...(options.type !== undefined && { type: options.type }),
  };
  if (artifact.entries(filter).length === 0)
    throw new ArtError(
      'NO_SUCH_ENTRY',
      `no entry of '${source}' fits: it has targets ${artifact.manifest.targets.join(', ')} and types ${[...new Set(artifact.manifest.entries.map((e) => e.type))].join(', ')}`,
    );
  const paths = await artifact.extract(options.out ?? '.', filter);
  if (options.json) process.stdout.write(`${JSON.stringify({ ok: true, entries: paths }, null, 2)}\n`);
  else if (!options.quiet)
    for (const { path, size } of artifact.entries(filter)) process.stdout.write(`${path}  ${humanSize(size ?? 0)}\n`);
}
