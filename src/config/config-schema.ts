// art.config.json. Imported only where one is read: zod takes a while to load.
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

/** An issue for every target that there is not. */
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

/** Relative paths in it start at its directory. */
export const configSchema = z
  .strictObject({
    $schema: z.string().describe('Where editors find this schema'),
    package: z
      .string()
      .regex(PACKAGE_NAME, `must be ${PACKAGE_NAME_EXPECTED}`)
      .describe("Name in the manifest; default: name-version of the project's package.json, else the directory's name"),
    sources: z
      .array(path)
      .min(1, atLeastOne)
      .describe('What to build: files, directories of which every source below is taken, and globs'),
    exclude: z
      .array(path)
      .describe('Files, directories and globs that are left out of what directories, globs and compile commands give'),
    targets: z.array(target).min(1, atLeastOne).describe('x86_64, aarch64, or full triples of these; default: both'),
    emit: z.array(z.enum(EMIT_KINDS)).min(1, atLeastOne).describe('What to write; default: bitcode and object'),
    link: z
      .string()
      .regex(PROGRAM_NAME, `must be ${PROGRAM_NAME_EXPECTED}`)
      .describe('Name of a program that the objects of each target are linked to'),
    flags: flags.describe("clang's flags for every unit, such as -O2, -DNDEBUG, -Iinclude"),
    fileFlags: z
      .record(path, flags)
      .describe('Further flags for the sources that a glob, a file or a directory names, after those for every unit'),
    withProfile: z
      .array(path)
      .min(1, atLeastOne)
      .describe('Profiles that steer the optimiser; several are merged. At most one of withProfile, plan, instrument'),
    plan: path.describe('A plan of art plan, in place of profiles'),
    instrument: z
      .enum(INSTRUMENT_LEVELS)
      .describe(
        'Programs of the objects write a profile when they end: counters of the front end, or of the optimiser',
      ),
    cache: z
      .union([path, z.boolean()])
      .describe("A folder where results are kept for the next build, true for the user's own, or false for none"),
    out: path.describe('Directory for artifact.json and artifact.tar.gz; default: artifact in the working directory'),
  })
  .partial()
  .meta({ title: 'art config', description: 'art.config.json: what art build builds, and how' });
