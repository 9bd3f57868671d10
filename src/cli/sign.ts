// `art keygen` and `art sign`.
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { Command, Option } from 'commander';
import { ArtError } from '../errors.js';
import { generateKeys, type KeyType, openKey, sign } from '../index.js';
import { printable } from '../text/printable.js';
import { addCommonOptions, type CommonFlags, say, warn } from './common-options.js';
import { endedBySignals } from './signals.js';

interface KeygenOptions extends CommonFlags {
  out: string;
  type: KeyType;
  passphrase: boolean;
}

/** `art keygen`. */
export function keygenCommand(): Command {
  const command = new Command('keygen')
    .description('make a key pair for signing')
    .requiredOption('--out <prefix>', 'writes <prefix>.key and <prefix>.pub')
    .addOption(new Option('--type <type>', 'what kind of key').choices(['ecdsa-p256', 'ed25519']).default('ecdsa-p256'))
    .option('--no-passphrase', 'do not encrypt the private key')
    .allowExcessArguments(false);
  return addCommonOptions(command).action(async ({ out, type, passphrase, ...common }: KeygenOptions) => {
    const secret = passphrase ? await newPassphrase() : undefined;
    const files = await generateKeys(out, type, secret);
    say(common, { files }, files.map((path) => `${printable(path)}\n`).join(''));
  });
}

/** `art sign`. */
export function signCommand(): Command {
  const command = new Command('sign')
    .description('sign an artifact: writes artifact.sigstore.json beside it')
    .usage('[options] <artifact>')
    .argument('<artifact>', "the artifact's folder, or its artifact.json")
    .requiredOption('--key <key>', 'the private key')
    .allowExcessArguments(false);
  return addCommonOptions(command).action(
    async (artifact: string, { key, ...common }: CommonFlags & { key: string }) => {
      // Outside of endedBySignals, so that Ctrl-C works as usual: the key may come from a pipe, or its passphrase from
      // the terminal.
      const signer = await openKey(key, passphrase, warn);
      const signature = await endedBySignals(() => sign(artifact, { key: signer }));
      say(common, { signature }, `${printable(signature)}\n`);
    },
  );
}

/** The passphrase of an existing key: from the environment, or typed on the terminal. */
export async function passphrase(): Promise<string | undefined> {
  return process.env.ART_KEY_PASSPHRASE ?? (process.stdin.isTTY ? await ask('Passphrase: ') : undefined);
}

async function newPassphrase(): Promise<string> {
  const { ART_KEY_PASSPHRASE } = process.env;
  if (ART_KEY_PASSPHRASE) return ART_KEY_PASSPHRASE;
  if (!process.stdin.isTTY)
    throw new ArtError(
      'INVALID_OPTION',
      'no passphrase for the private key: set ART_KEY_PASSPHRASE, or use --no-passphrase',
    );
  const first = await ask('New passphrase: ');
  if (first === '' || first !== (await ask('Again: ')))
    throw new ArtError('INVALID_OPTION', 'the passphrase is empty, or the second one differs from the first');
  return first;
}

/** Asks on the terminal, without echo. */
function ask(question: string): Promise<string> {
  const hidden = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: hidden, terminal: true });
  // The prompt comes after echo is off, so that nothing typed is shown.
  process.stderr.write(question);
  return new Promise((resolve, reject) => {
    lines.once('line', (line) => {
      resolve(line);
      lines.close();
    });
    // Closed by the answer above, or by Ctrl-C or Ctrl-D.
    lines.once('close', () => {
      process.stderr.write('\n');
      reject(new ArtError('CANCELLED', 'no passphrase was given'));
    });
  });
}
