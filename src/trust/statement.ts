// The statement that is signed: an in-toto Statement v1 with SLSA provenance v1, about every file of an artifact.

import { JSON_BOUNDS } from '../artifact/bounds.js';
import type { ReadManifest } from '../artifact/manifest.js';
import { ARCHIVE_NAME, MANIFEST_NAME } from '../artifact/names.js';
import { ArtError, messageOf } from '../errors.js';
import { decodeText, parseWithin } from '../text/bounded-json.js';
import { firstLines, shownValue } from '../text/schema-issues.js';

const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
/** The type that cosign writes; it has the same fields. */
const OLDER_STATEMENT_TYPE = 'https://in-toto.io/Statement/v0.1';
const PREDICATE_TYPE = 'https://slsa.dev/provenance/v1';
/** docs/provenance.md explains its parameters. */
const BUILD_TYPE = 'https://art-aot.dev/build/v1';
const BUILDER = 'https://art-aot.dev/art';

interface Subject {
  name: string;
  digest: { sha256: string };
}

/** What identifies an artifact. */
export interface ArtifactDigests {
  /** sha256 of artifact.json. */
  manifest: string;
  contents: ReadManifest;
}

function subjects({ manifest, contents }: ArtifactDigests): Subject[] {
  const subject = (name: string, sha256: string): Subject => ({ name, digest: { sha256 } });
  if (!contents.archive) throw new ArtError('SIGNATURE_INVALID', 'an artifact without an archive cannot be signed');
  return [
    subject(MANIFEST_NAME, manifest),
    subject(ARCHIVE_NAME, contents.archive.sha256),
    ...contents.entries.map((entry) => subject(entry.path, entry.sha256 ?? '')),
  ];
}

/** The payload to sign, as bytes. It depends only on the artifact, so it contains no time. */
export function writeStatement(digests: ArtifactDigests): Uint8Array {
  const statement = {
    _type: STATEMENT_TYPE,
    subject: subjects(digests),
    predicateType: PREDICATE_TYPE,
    predicate: predicateOf(digests.contents),
  };
  return new TextEncoder().encode(JSON.stringify(statement));
}

/** How an artifact was made, in the terms of SLSA. */
function predicateOf(contents: ReadManifest) {
  const { provenance } = contents;
  const dependency = (name: string, sha256: string, version?: string) => ({
    name,
    digest: { sha256 },
    ...(version !== undefined && { annotations: { version } }),
  });
  return {
    buildDefinition: {
      buildType: BUILD_TYPE,
      externalParameters: {
        package: contents.package,
        targets: contents.targets,
        profile_hash: contents.profile_hash,
        ...(provenance && {
          emit: provenance.emit,
          flags: provenance.flags,
          ...(provenance.unit_flags && { unit_flags: provenance.unit_flags }),
          link: provenance.link,
          ...(provenance.profile && { profile: provenance.profile }),
          ...(provenance.instrument && { instrument: provenance.instrument }),
          ...(provenance.user_sysroot && { user_sysroot: true }),
          source_date_epoch: provenance.source_date_epoch,
        }),
      },
      resolvedDependencies: [
        ...(provenance?.programs ?? []).map((p) => dependency(`program/${p.name}`, p.sha256, p.version)),
        ...(provenance?.sysroots ?? []).map((s) => dependency(`sysroot/${s.name}`, s.sha256, s.version)),
        ...(provenance?.sources ?? []).map((s) => dependency(`source/${s.path}`, s.sha256)),
      ],
    },
    runDetails: { builder: { id: BUILDER, ...(provenance && { version: { art: provenance.art } }) } },
  };
}

/**
 * Compares a statement with an artifact. Every subject must be a file of the artifact, and artifact.json must be one of
 * them: it describes the other files, so a statement by somebody else need not name them. Digests of other algorithms
 * than SHA-256 are ignored (in-toto, "DigestSet"). Provenance of art's build type must agree with the manifest; that of
 * other builders is not compared.
 * @returns what does not agree, one line each
 */
export function statementProblems(payload: Uint8Array, digests: ArtifactDigests): string[] {
  let statement: { _type?: unknown; predicateType?: unknown; subject?: unknown; predicate?: unknown };
  try {
    statement = parseWithin(decodeText(payload), JSON_BOUNDS) as typeof statement;
  } catch (error) {
    return [`what was signed ${messageOf(error)}`];
  }
  if (statement?._type !== STATEMENT_TYPE && statement?._type !== OLDER_STATEMENT_TYPE)
    return [`what was signed is no in-toto statement (${STATEMENT_TYPE})`];
  if (statement.predicateType !== PREDICATE_TYPE) return [`what was signed is no provenance (${PREDICATE_TYPE})`];
  if (!Array.isArray(statement.subject)) return ['the signed statement has no subjects'];
  const files = new Map(subjects(digests).map(({ name, digest }) => [name, digest.sha256]));
  const problems: string[] = [];
  let isWhole = false;
  for (const subject of statement.subject as (Partial<Subject> | null)[]) {
    const name = subject?.name;
    const sha256 = typeof name === 'string' ? files.get(name) : undefined;
    if (sha256 === undefined) problems.push(`${nameOf(name)} was signed and is not in the artifact`);
    else if (subject?.digest?.sha256 !== sha256) problems.push(`${nameOf(name)} is not the one that was signed`);
    isWhole ||= name === MANIFEST_NAME;
  }
  if (!isWhole) problems.unshift(`'${MANIFEST_NAME}' is not among what was signed`);
  return firstLines([...problems, ...predicateProblems(statement.predicate, digests.contents)]);
}

type Values = { readonly [key: string]: unknown };
const isObject = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const member = (value: unknown, key: string): unknown => (isObject(value) ? value[key] : undefined);

/** What provenance of art's build type and the manifest disagree about, one line each. */
function predicateProblems(predicate: unknown, contents: ReadManifest): string[] {
  const definition = member(predicate, 'buildDefinition');
  const builder = member(member(predicate, 'runDetails'), 'builder');
  if (member(definition, 'buildType') !== BUILD_TYPE && member(builder, 'id') !== BUILDER) return [];
  const expected = predicateOf(contents);
  const { buildType, externalParameters, resolvedDependencies } = expected.buildDefinition;
  return [
    ...differences('buildType', member(definition, 'buildType'), buildType),
    ...differences('externalParameters', member(definition, 'externalParameters'), externalParameters),
    ...differences('resolvedDependencies', member(definition, 'resolvedDependencies'), resolvedDependencies),
    ...differences('builder', builder, expected.runDetails.builder),
  ].map((place) => `the signed statement has another ${place} than ${MANIFEST_NAME} says`);
}

/** The paths where two JSON values differ; for a list only its own path. */
function differences(place: string, said: unknown, expected: unknown): string[] {
  if (isObject(said) && isObject(expected)) {
    const keys = [...new Set([...Object.keys(expected), ...Object.keys(said)])];
    return keys.flatMap((key) =>
      Object.hasOwn(said, key) && Object.hasOwn(expected, key)
        ? differences(`${place}.${short(key)}`, said[key], expected[key])
        : [`${place}.${short(key)}`],
    );
  }
  if (Array.isArray(said) && Array.isArray(expected)) {
    for (let i = 0; i < Math.max(said.length, expected.length); i++) {
      const [first] = differences(`${place}[${i}]`, said[i], expected[i]);
      if (first !== undefined) return [first];
    }
    return [];
  }
  return said === expected ? [] : [place];
}

const short = (name: string) => (name.length > 200 ? `${name.slice(0, 199)}…` : name);
const nameOf = (name: unknown) => (typeof name === 'string' ? `'${short(name)}'` : shownValue(name));
