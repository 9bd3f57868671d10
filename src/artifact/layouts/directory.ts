// RFC 0005, option 3: a directory with manifest.json and every entry at its path (bitcode/, objects/, …).
import { ArtError } from '../../errors.js';
import type { Hasher } from '../../platform/types.js';
import type { Artifact, ArtifactFiles } from '../artifact.js';
import { BUNDLE_NAME, type ReadManifest } from '../manifest.js';
import { writeSmallFiles } from './archive.js';
import { type Folder, type LayoutTarget, readFile, readWhole } from './folder.js';
import { packArchive } from './pack.js';

/** artifact.json under the name it has in this layout; its bytes are the same. */
export const DIRECTORY_MANIFEST = 'manifest.json';

export function directoryLayout(folder: Folder, sha256: () => Hasher): ArtifactFiles {
  return {
    layout: 'dir',
    name: folder.name,
    manifest: () => readFile(folder, DIRECTORY_MANIFEST, true),
    async bundle() {
      const file = await folder.open(BUNDLE_NAME, true);
      return file && readWhole(file, BUNDLE_NAME);
    },
    archive: (manifest) =>
      packArchive(manifest, sha256, async ({ path }) => {
        const file = await folder.open(path, true);
        if (!file) throw new Error(`'${path}' is missing`);
        return file;
      }),
    problems: (manifest) => strangers(folder, manifest),
  };
}

/** What lies in the directory and is nothing of the artifact's. */
async function strangers(folder: Folder, { entries }: ReadManifest): Promise<string[]> {
  const files = new Set([DIRECTORY_MANIFEST, BUNDLE_NAME, ...entries.map(({ path }) => path)]);
  const folders = new Set<string>();
  for (const path of files)
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) folders.add(path.slice(0, at));
  const problems: string[] = [];
  for await (const { path, kind } of folder.list?.() ?? []) {
    if (kind === 'link') problems.push(`'${path}' is a link`);
    else if (!(kind === 'directory' ? folders : files).has(path)) problems.push(`'${path}' is not in the manifest`);
    else if (kind === 'other') problems.push(`'${path}' is not a regular file`);
  }
  return problems.sort();
}

/** @throws ArtError ARCHIVE_INVALID where an entry would lie where the manifest or the signature does */
export async function writeDirectoryLayout(artifact: Artifact, target: LayoutTarget): Promise<void> {
  for (const { path } of artifact.manifest.entries)
    if ([DIRECTORY_MANIFEST, BUNDLE_NAME].includes(path.split('/', 1)[0]?.toLowerCase() as string))
      throw new ArtError('ARCHIVE_INVALID', `the entry '${path}' would lie where the directory has a file of its own`);
  await artifact.readInto({
    async open({ path, type }) {
      await target.file(path, type.startsWith('executable/'));
      return (chunk) => target.write(chunk);
    },
  });
  await writeSmallFiles(artifact, target, DIRECTORY_MANIFEST);
}
