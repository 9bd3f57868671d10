// The schema of art.config.json. It is imported only when one is read, since zod takes a while to load.
import * as z from 'zod';
import { ArtError, messageOf } from '../errors.js';
import { parseTargets } from '../targets/targets.js';
import { EMIT_KINDS } from '../toolchain/requests.js';
import { parseFlags } from './flags.js';
import {
  INSTRUMENT_LEVELS,
  PACKAGE_NAME,
  PACKAGE_NAME_EXPECTED,
  PROGRAM_NAME,
  PROGRAM_NAME_EXPECTED,
} from './options.js';

const path = z.string().min(1, 'must be a non-empty string');
const atLeastOne = 'must not be empty';

/** Reports every unknown target. */
const target = z.string().superRefine((name, context) => complain(context, () => parseTargets([name])));
const flags = z.array(z.string()).superRefine((list, context) => complain(context, () => parseFlags(list)));

function complain(context: z.RefinementCtx, check: () => unknown): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof ArtError)) throw error;
    context.addIssue({ code: 'custom', message: messageOf(error) });
  }
}

/** Relative paths are relative to the file's directory. */
export const configSchema = z
  .strictObject({
    $schema: z.string().describe('The JSON Schema of this file, for editors'),
    package: z
      .string()
      .regex(PACKAGE_NAME, `must be ${PACKAGE_NAME_EXPECTED}`)
      .describe(
        "Name of the package in the manifest; default: name-version of the project's package.json, else the directory's name",
      ),
    sources: z
      .array(path)
      .min(1, atLeastOne)
      .describe('What to build: files, directories (every source below one is taken), and globs'),
    exclude: z
      .array(path)
      .describe('Files, directories and globs to leave out of what sources and compile commands select'),
    targets: z.array(target).min(1, atLeastOne).describe('x86_64, aarch64, or full triples of these; default: both'),
    emit: z
      .array(z.enum(EMIT_KINDS))
      .min(1, atLeastOne)
      .describe('What to write for each translation unit; default: bitcode and object'),
    link: z
      .string()
      .regex(PROGRAM_NAME, `must be ${PROGRAM_NAME_EXPECTED}`)
      .describe('Links the objects of each target into a program of this name'),
    flags: flags.describe("clang's flags for every unit, such as -O2, -DNDEBUG, -Iinclude"),
    fileFlags: z
      .record(path, flags)
      .describe('Flags for some sources only, added after flags; the keys are files, directories or globs'),
    withProfile: z
      .array(path)
      .min(1, atLeastOne)
      .describe('Profiles for the optimiser; several are merged. At most one of withProfile, plan, instrument'),
    plan: path.describe('A plan that art plan made, instead of profiles'),
    instrument: z
      .enum(INSTRUMENT_LEVELS)
      .describe(
        'Adds counters to the objects, so that programs write a profile when they end: frontend by clang, ir by LLVM',
      ),
    cache: z
      .union([path, z.boolean()])
      .describe(
        "The cache: a folder for results of compilations, true for the user's own cache folder, or false for no cache",
      ),
    out: path.describe('Directory for artifact.json and artifact.tar.gz; default: artifact in the working directory'),
  })
  .partial()
  .meta({ title: 'art config', description: 'art.config.json: what art build builds, and how' });
