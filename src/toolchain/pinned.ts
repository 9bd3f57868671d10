// The programs and sysroots that decide what a build puts out.

export type AssetName = 'clang' | 'clang-resources' | 'llvm-codegen' | 'musl-headers';

/** A file that determines output bytes: its name and version for provenance, and the sha256 of its bytes. */
export interface PinnedAsset {
  kind: 'program' | 'sysroot';
  version: string;
  sha256: string;
}

export const PINNED: Readonly<Record<AssetName, PinnedAsset>> = {
  clang: {
    kind: 'program',
    version: '22.0.0-git20542-10',
    sha256: '24fbed474c7b5b4968fd73fc4827440b93fb351c1b6264516130300eff3e7bf5',
  },
  'clang-resources': {
    kind: 'sysroot',
    version: '22.0.0-git20542-10',
    sha256: '79eef0c336fe55cf03ff8f5b42b784c8168f929a3603138b2c6301f4601e4c86',
  },
  'llvm-codegen': {
    kind: 'program',
    version: '22.1.8',
    sha256: '302a71804dd942741059cf790c8409dd05633e786b0b9b01cfe4fa6a5690305a',
  },
  'musl-headers': {
    kind: 'sysroot',
    version: '1.2.3-1',
    sha256: '31f56f9983496fbbd6e8e8baccfaf0505fa69a6297f9107f6a84804db2f2f95f',
  },
};
