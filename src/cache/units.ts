// Cached results of units: what they depend on besides the host, and how they are stored.
import type { CacheStore } from '../platform/types.js';
import { readName } from '../toolchain/compile.js';
import type { Answer, Observed, Question } from '../toolchain/host-view.js';
import type { CompileRequest, CompileResult, EmitKind, ProfileReport, SourceFile } from '../toolchain/requests.js';
import { allBytes, bytesOf, type Content, isFields, pairsIn, textIn } from './entries.js';

/**
 * Everything in a request that determines its result. How the user wrote paths does not: entries contain the compiler's
 * paths, so that the same project in another folder finds them.
 */
export function unitIdentity(request: CompileRequest, sha256: (bytes: Uint8Array) => string): unknown {
  const { shown: _, observe: __, profile, modules, interfaces, ...same } = request;
  return {
    unit: Object.entries(same).sort(([a], [b]) => (a < b ? -1 : 1)),
    profile: profile && [profile.kind, sha256(profile.bytes)],
    modules: modules?.map(({ name, bytes }) => [name, sha256(bytes)]),
    interfaces: interfaces && [...interfaces].map(([name, bytes]) => [name, sha256(bytes)]),
  };
}

export async function unitEntry(result: CompileResult, observed: Observed, content: Content): Promise<unknown> {
  const { outputs, made, module, needs, profile, unspelled = '' } = result;
  const kept: Record<string, string> = {};
  for (const [kind, bytes] of Object.entries(outputs ?? {})) kept[kind] = await content(bytes);
  return {
    printed: unspelled,
    files: namesRead(observed, false),
    ...(outputs && { outputs: kept }),
    ...(made && { made: await content(made) }),
    ...(module && { module: await content(module) }),
    ...(needs && { needs }),
    ...(profile && { profile }),
  };
}

/**
 * Reads an entry. @returns undefined if it, or something that it names, is damaged; the diagnostics are as the compiler
 * printed them
 */
export async function entryUnit(
  entry: unknown,
  answers: ReadonlyMap<Question, Answer>,
  { emit }: CompileRequest,
  store: CacheStore,
): Promise<CompileResult | undefined> {
  if (!isFields(entry)) return undefined;
  const printed = textIn(entry, 'printed');
  const read = filesRead(entry.files, answers);
  if (printed === undefined || !read) return undefined;
  const result: CompileResult = { diagnostics: printed, read };
  if (entry.profile !== undefined) result.profile = entry.profile as ProfileReport;
  const { needs } = entry;
  if (needs === 'std' || needs === 'std.compat')
    return { ...result, needs, failure: { kind: 'diagnosed', message: `it imports ${needs}` } };
  for (const name of ['made', 'module'] as const) {
    if (entry[name] === undefined) continue;
    const bytes = await bytesOf(entry[name], store);
    return bytes && { ...result, ...(name === 'module' ? { outputs: {} } : {}), [name]: bytes };
  }
  const outputs = await allBytes(entry.outputs, store);
  if (!outputs || !emit.every((kind) => outputs.has(kind))) return undefined;
  return { ...result, outputs: Object.fromEntries(outputs) as Partial<Record<EmitKind, Uint8Array>> };
}

/** The files that a run read, by their names and their paths in the volume. @param ofHost see `takeSources` */
export const namesRead = ({ files }: Observed, ofHost: boolean): [string, string][] =>
  files.flatMap(([name, at]): [string, string][] => {
    const read = readName(name, ofHost);
    return read === undefined ? [] : [[read, at]];
  });

/** The files that a run read, with their digests of now, which are the same as during the run. */
export function filesRead(value: unknown, answers: ReadonlyMap<Question, Answer>): SourceFile[] | undefined {
  const files = pairsIn(value);
  if (!files) return undefined;
  const read = files.map(([path, at]) => ({ path, sha256: /^file (.*)$/.exec(answers.get(`?${at}`) ?? '')?.[1] }));
  return read.every((file): file is SourceFile => file.sha256 !== undefined) ? read : undefined;
}
