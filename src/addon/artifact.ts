// Writes prebuilds as an artifact, which art verify, extract, convert and sign can read.
import { ArchiveWriter } from '../artifact/archive-writer.js';
import { type Manifest, type ManifestEntry, SCHEMA_VERSION } from '../artifact/manifest.js';
import { PINNED } from '../assets/pinned.js';
import { publication } from '../builder/build.js';
import { findProject } from '../config/project.js';
import type { AddonHost } from '../platform/addon-host.js';
import type { Signer } from '../platform/types.js';
import { archivesOf, type Target } from '../targets/targets.js';
import { compareBytes } from '../text/byte-order.js';
import { VERSION } from '../version.js';
import { type NodePlatform, targetFor } from './platforms.js';

/** A file of prebuilds, by its path below the package. */
export interface Prebuild {
  path: string;
  bytes: Uint8Array;
  platform: NodePlatform;
}

/** The contents of the artifact. */
export interface PrebuildContents {
  /** In archive order. */
  made: readonly Prebuild[];
  /** The files that the compiler read, and their sha256. */
  sources: ReadonlyMap<string, string>;
  directory: string;
  /** The name of the package, if it is not the one in package.json. */
  name: string | undefined;
  platforms: readonly NodePlatform[];
  sign: Signer | undefined;
  sourceDateEpoch: number;
}

/**
 * Writes artifact.json and artifact.tar.gz, which are read back and checked before they appear.
 * @throws ArtError OUTPUT_NOT_WRITABLE
 */
export async function publishArtifact(contents: PrebuildContents, out: string, host: AddonHost): Promise<Manifest> {
  const { made, sources, directory, platforms, sign, sourceDateEpoch } = contents;
  const targets = new Map<NodePlatform, Target>(platforms.map((platform) => [platform, targetFor(platform)]));
  const staging = await host.stage(out);
  try {
    const writer = new ArchiveWriter(
      { append: (bytes) => staging.append(bytes), sha256: () => host.sha256() },
      sourceDateEpoch,
    );
    const entries: ManifestEntry[] = [];
    for (const { path, bytes, platform } of made) {
      const { triple, architecture } = targets.get(platform) as Target;
      const sha256 = await writer.add(path, bytes, true);
      entries.push({
        path,
        type: `executable/${architecture}`,
        sha256,
        size: bytes.length,
        target: triple,
        source: null,
      });
    }
    const assets = (names: ReturnType<typeof archivesOf>) =>
      names.map((name) => ({ name, version: PINNED[name].version, sha256: PINNED[name].sha256 }));
    const { package: name } = await findProject([directory], host.files, contents.name);
    const manifest: Manifest = {
      schema_version: SCHEMA_VERSION,
      package: name,
      profile_hash: null,
      targets: [...targets.values()].map(({ triple }) => triple).sort(compareBytes),
      entries,
      archive: await writer.finish(),
      provenance: {
        art: VERSION,
        programs: assets(['llvm']),
        sysroots: assets(archivesOf([...targets.values()]).sort()),
        flags: [],
        emit: [],
        link: null,
        sources: [...sources].map(([path, sha256]) => ({ path, sha256 })).sort((a, b) => compareBytes(a.path, b.path)),
        source_date_epoch: sourceDateEpoch,
      },
    };
    await staging.publish(await publication(manifest, { sign }, staging, host));
    return manifest;
  } finally {
    await staging.discard();
  }
}
