// The layout `oci`: an OCI image layout (OCI image spec 1.1, image-layout.md) with one manifest, as the spec's
// "Guidelines for Artifact Usage" describes it for files without a configuration: artifactType, the empty config, and
// each file as a layer with its name.
import { ArtError, messageOf } from '../../errors.js';
import type { FileSink, Folder, Hasher } from '../../platform/types.js';
import { decodeText, parseWithin } from '../../text/bounded-json.js';
import { shownValue } from '../../text/schema-issues.js';
import type { Artifact } from '../artifact.js';
import { JSON_BOUNDS, MAX_BUNDLE, MAX_INDEX, MAX_MANIFEST } from '../bounds.js';
import { type ArtifactFiles, readWhole, strangers } from '../files.js';
import { BUNDLE_NAME, MANIFEST_NAME } from '../names.js';
import { ARCHIVE_TYPE, ARTIFACT_TYPE, MANIFEST_TYPE, SIGNATURE_TYPE } from './media-types.js';

export const OCI_LAYOUT_FILE = 'oci-layout';
const INDEX = 'index.json';
const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';
const IMAGE_TYPE = 'application/vnd.oci.image.manifest.v1+json';
const EMPTY_TYPE = 'application/vnd.oci.empty.v1+json';
const TITLE = 'org.opencontainers.image.title';
const REF_NAME = 'org.opencontainers.image.ref.name';
/** More than any list in art's layout has. */
const MAX_DESCRIPTORS = 100;

interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  artifactType?: string;
  title?: string;
}

/** What the layout contains. */
interface Image {
  /** The image manifest, its config and its layers. */
  blobs: Descriptor[];
  manifest: Descriptor;
  archive: Descriptor;
  bundle: Descriptor | undefined;
}

const blobPath = (digest: string) => `blobs/sha256/${digest.slice('sha256:'.length)}`;

export function ociLayout(folder: Folder, sha256: () => Hasher): ArtifactFiles {
  let image: Promise<Image> | undefined;
  const read = () => {
    image ??= readImage(folder, sha256);
    return image;
  };
  return {
    layout: 'oci',
    name: folder.name,
    manifest: async () => readBlob(folder, (await read()).manifest, sha256, MAX_MANIFEST),
    async bundle() {
      const { bundle } = await read();
      return bundle && readBlob(folder, bundle, sha256, MAX_BUNDLE);
    },
    async *archive({ archive }) {
      const { digest, size, title } = (await read()).archive;
      if (digest !== `sha256:${archive?.sha256}` || size !== archive?.size)
        throw new Error(`its layer is ${digest} with ${size} bytes, and the manifest says otherwise`);
      if (title !== archive.path) throw new Error(`its layer has another title than '${archive.path}'`);
      const file = await folder.open(blobPath(digest), true);
      if (!file) throw new Error(`'${blobPath(digest)}' is missing`);
      yield* file;
    },
    async problems() {
      const { blobs } = await read();
      return strangers(folder, [OCI_LAYOUT_FILE, INDEX, ...blobs.map(({ digest }) => blobPath(digest))], 'its index');
    },
  };
}

async function readImage(folder: Folder, sha256: () => Hasher): Promise<Image> {
  const layout = await readJson(folder, OCI_LAYOUT_FILE);
  if (layout.imageLayoutVersion !== '1.0.0')
    throw invalid(folder, `its imageLayoutVersion is ${shownValue(layout.imageLayoutVersion)}, expected "1.0.0"`);
  const manifests = descriptors(folder, (await readJson(folder, INDEX)).manifests, `${INDEX}: manifests`);
  const ours = manifests.filter(({ artifactType }) => artifactType === ARTIFACT_TYPE);
  const [image] = ours;
  if (!image || manifests.length > 1)
    throw invalid(
      folder,
      `its ${INDEX} has ${ours.length} manifests with artifactType ${ARTIFACT_TYPE} and ${manifests.length - ours.length} others, expected one and no other`,
    );
  const json = parseObject(folder, await readBlob(folder, image, sha256, MAX_INDEX), image.digest);
  if (json.artifactType !== ARTIFACT_TYPE)
    throw invalid(folder, `its manifest is not of artifactType ${ARTIFACT_TYPE}`);
  const [config] = descriptors(folder, [json.config], 'config') as [Descriptor];
  const empty = await readBlob(folder, config, sha256, MAX_INDEX);
  if (config.mediaType !== EMPTY_TYPE || new TextDecoder().decode(empty) !== '{}')
    throw invalid(folder, `its config is not the empty one, of type ${EMPTY_TYPE}`);
  const layers = descriptors(folder, json.layers, 'layers');
  const [manifest, archive, bundle] = layers;
  const types = layers.map(({ mediaType }) => mediaType).join();
  if (!manifest || !archive || types !== [MANIFEST_TYPE, ARCHIVE_TYPE, ...(bundle ? [SIGNATURE_TYPE] : [])].join())
    throw invalid(
      folder,
      `expected layers of the types ${MANIFEST_TYPE}, ${ARCHIVE_TYPE} and, where it is signed, ${SIGNATURE_TYPE}`,
    );
  if (manifest.title !== MANIFEST_NAME || (bundle && bundle.title !== BUNDLE_NAME))
    throw invalid(folder, `the titles of its layers are not ${MANIFEST_NAME} and ${BUNDLE_NAME}`);
  return { blobs: [image, config, ...layers], manifest, archive, bundle };
}

async function readJson(folder: Folder, path: string): Promise<Record<string, unknown>> {
  const file = await folder.open(path, true);
  if (!file) throw invalid(folder, `it has no '${path}'`);
  return parseObject(folder, await readWhole(file, path, MAX_INDEX), path);
}

function parseObject(folder: Folder, bytes: Uint8Array, name: string): Record<string, unknown> {
  let json: unknown;
  try {
    json = parseWithin(decodeText(bytes), JSON_BOUNDS);
  } catch (cause) {
    throw invalid(folder, `'${name}' ${messageOf(cause)}`);
  }
  if (typeof json === 'object' && json !== null) return json as Record<string, unknown>;
  throw invalid(folder, `'${name}' is no JSON object`);
}

/** Reads content descriptors (descriptor.md). A digest becomes part of a path, so its form is checked. */
function descriptors(folder: Folder, list: unknown, where: string): Descriptor[] {
  if (!Array.isArray(list)) throw invalid(folder, `it has no ${where}`);
  if (list.length > MAX_DESCRIPTORS) throw invalid(folder, `it has ${list.length} ${where}`);
  return list.map((item: Record<string, unknown> | null | undefined) => {
    const { mediaType, digest, size, artifactType, annotations } = item ?? {};
    if (
      typeof mediaType !== 'string' ||
      typeof digest !== 'string' ||
      !/^sha256:[0-9a-f]{64}$/.test(digest) ||
      !Number.isSafeInteger(size)
    )
      throw invalid(folder, `${where}: expected descriptors with mediaType, size and a sha256 digest`);
    const title = (annotations as Record<string, unknown> | null | undefined)?.[TITLE];
    return {
      mediaType,
      digest,
      size: size as number,
      ...(typeof artifactType === 'string' && { artifactType }),
      ...(typeof title === 'string' && { title }),
    };
  });
}

async function readBlob(
  folder: Folder,
  { digest, size }: Descriptor,
  sha256: () => Hasher,
  limit: number,
): Promise<Uint8Array> {
  const path = blobPath(digest);
  const file = await folder.open(path, true);
  if (!file) throw invalid(folder, `'${path}' is missing`);
  const bytes = await readWhole(file, path, limit);
  const hash = sha256();
  hash.update(bytes);
  if (bytes.length !== size || `sha256:${hash.digest()}` !== digest)
    throw invalid(folder, `'${path}' has not the size and the digest that it should have`);
  return bytes;
}

const invalid = (folder: Folder, what: string) =>
  new ArtError('MANIFEST_INVALID', `${folder.name} is no OCI image layout with an artifact: ${what}`);

/** Writes the layout. The bytes of the three files stay the same. */
export async function writeOciLayout(artifact: Artifact, target: FileSink, sha256: () => Hasher): Promise<void> {
  const blobs = new Set<string>();
  const blob = async (mediaType: string, bytes: Uint8Array, title?: string) => {
    const hash = sha256();
    hash.update(bytes);
    const descriptor = {
      mediaType,
      digest: `sha256:${hash.digest()}`,
      size: bytes.length,
      ...(title && { annotations: { [TITLE]: title } }),
    };
    if (!blobs.has(descriptor.digest)) {
      await target.file(blobPath(descriptor.digest));
      await target.write(bytes);
    }
    blobs.add(descriptor.digest);
    return descriptor;
  };
  const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const { archive } = artifact.manifest;
  if (!archive) throw new ArtError('ARCHIVE_INVALID', 'an artifact without an archive has no OCI layout');
  const archiveDigest = `sha256:${archive.sha256}`;
  await target.file(blobPath(archiveDigest));
  await artifact.readInto({ open: () => undefined, archive: (chunk) => target.write(chunk) });
  const signature = await artifact.signatureBytes();
  const config = await blob(EMPTY_TYPE, json({}));
  const layers = [
    await blob(MANIFEST_TYPE, artifact.manifestBytes, MANIFEST_NAME),
    {
      mediaType: ARCHIVE_TYPE,
      digest: archiveDigest,
      size: archive.size,
      annotations: { [TITLE]: archive.path },
    },
    ...(signature ? [await blob(SIGNATURE_TYPE, signature, BUNDLE_NAME)] : []),
  ];
  const image = await blob(
    IMAGE_TYPE,
    json({ schemaVersion: 2, mediaType: IMAGE_TYPE, artifactType: ARTIFACT_TYPE, config, layers }),
  );
  const annotations = { [REF_NAME]: tagOf(artifact.manifest.package) };
  await target.file(INDEX);
  await target.write(
    json({
      schemaVersion: 2,
      mediaType: INDEX_TYPE,
      manifests: [{ ...image, artifactType: ARTIFACT_TYPE, annotations }],
    }),
  );
  await target.file(OCI_LAYOUT_FILE);
  await target.write(json({ imageLayoutVersion: '1.0.0' }));
}

/**
 * A tag that registries accept (distribution spec): the package's name, with '-' for characters that a tag cannot
 * contain.
 */
function tagOf(name: string): string {
  return (
    name
      .replace(/[^A-Za-z0-9_.-]+/g, '-')
      .replace(/^[.-]+/, '')
      .slice(0, 128) || 'latest'
  );
}
