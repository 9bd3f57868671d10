// Finds the program for `art run`: a file, or the executable entry of an artifact.
import type { Entry } from '../artifact/archive-reader.js';
import type { Artifact } from '../artifact/artifact.js';
import { ArtError } from '../errors.js';
import { type ObjectKind, objectKind } from '../formats/object.js';
import { architectureOf, fullTriple, targetOf } from '../targets/targets.js';
import { printable } from '../text/printable.js';

/** What a machine runs without an emulator; a member is undefined if art has no name for it. */
export type Machine = { readonly [K in keyof ObjectKind]: ObjectKind[K] | undefined };

/**
 * The executable entry of an artifact, after the whole artifact has been checked: that of the named target, else that
 * of this machine, else the only one.
 * @param shown the artifact in messages
 * @throws ArtError NO_SUCH_ENTRY if there is none; INVALID_OPTION if there are several; ARCHIVE_INVALID
 */
export async function programOf(
  artifact: Artifact,
  shown: string,
  target: string | undefined,
  machine: Machine,
): Promise<{ bytes: Uint8Array; entry: Entry }> {
  const programs = artifact.entries({ type: 'executable' });
  const wanted = target === undefined ? programs : programs.filter((entry) => isFor(entry, target));
  const [first] = wanted;
  if (!first) throw noProgram(artifact, shown, programs, target);
  const own = wanted.filter((entry) => isOf(entry, machine));
  const [entry = first, ...others] = own.length > 0 ? own : wanted;
  if (others.length > 0)
    throw new ArtError(
      'INVALID_OPTION',
      `the artifact '${shown}' has programs for ${targetsOf([entry, ...others])}: choose one with --target`,
    );
  return { bytes: await artifact.read(entry), entry };
}

/** Whether an entry is for a triple, or for an architecture. */
function isFor({ target, type }: Entry, wanted: string): boolean {
  const name = wanted.toLowerCase();
  return target === wanted || target === fullTriple(name) || type === `executable/${architectureOf(name)}`;
}

function isOf({ target, type }: Entry, { architecture, format }: Machine): boolean {
  return type === `executable/${architecture}` && targetOf(target ?? '')?.format === format;
}

const targetsOf = (entries: readonly Entry[]) => printable(entries.map(({ target }) => String(target)).join(', '));

function noProgram(artifact: Artifact, shown: string, programs: readonly Entry[], target: string | undefined) {
  if (programs.length === 0)
    return new ArtError(
      'NO_SUCH_ENTRY',
      `the artifact '${shown}' has no program: it has ${printable([...new Set(artifact.manifest.entries.map(({ type }) => type))].join(', '))}; build it with --link <name>`,
    );
  return new ArtError(
    'NO_SUCH_ENTRY',
    `the artifact '${shown}' has no program for ${printable(String(target))}: it has programs for ${targetsOf(programs)}`,
  );
}

/**
 * Recognises a program.
 * @throws ArtError OBJECT_INVALID if it is not one
 */
export function programKind(bytes: Uint8Array, shown: string): ObjectKind {
  const kind = objectKind(bytes);
  if (kind?.format === 'ELF' && new DataView(bytes.buffer, bytes.byteOffset).getUint16(16, true) === ELF_OBJECT)
    throw new ArtError(
      'OBJECT_INVALID',
      `'${shown}' is an object, and no program yet: link it with art link '${shown}' -o <program>`,
    );
  if (kind) return kind;
  // A PE file begins with a DOS header; its machine comes later.
  if (bytes[0] === 0x4d && bytes[1] === 0x5a) return { format: 'COFF', architecture: undefined };
  throw new ArtError(
    'OBJECT_INVALID',
    `'${shown}' is no program: expected one that art link or art cc made, or an artifact that was built with --link <name>`,
  );
}

/** ET_REL (System V ABI, "ELF Header"). */
const ELF_OBJECT = 1;
