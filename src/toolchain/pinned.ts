// The programs and sysroots that decide what a build puts out.

export type AssetName =
  | 'clang'
  | 'clang-resources'
  | 'llvm-codegen'
  | 'musl-headers'
  | 'linux-headers'
  | 'libcxx-headers'
  | 'libraries-x86_64'
  | 'libraries-aarch64';

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
    sha256: 'ff7ca43f3e9f170eb11d1d64f3b7351cb870e241dbb61a13ffb58018cfa339e0',
  },
  'musl-headers': {
    kind: 'sysroot',
    version: '1.2.3-1',
    sha256: '31f56f9983496fbbd6e8e8baccfaf0505fa69a6297f9107f6a84804db2f2f95f',
  },
  'linux-headers': {
    kind: 'sysroot',
    version: '6.1.4-1cross1',
    sha256: '70e03c0f7cefdca5abb9367cf168b6e9ee9ab3bda8bc97797d5b2f5a1267788b',
  },
  'libcxx-headers': {
    kind: 'sysroot',
    version: '22.1.8',
    sha256: '9fdaab9de17f9865f2105014bf8d2bfd377ad2450c14c5fb905b1669bee84266',
  },
  'libraries-x86_64': {
    kind: 'sysroot',
    version: '1.2.3-1+22.1.8',
    sha256: 'a52b1f01d0f20491026d9194c0645261eee50cc321ef7580187eef26bde445a0',
  },
  'libraries-aarch64': {
    kind: 'sysroot',
    version: '1.2.3-1+22.1.8',
    sha256: '0aab6a55fe018f6c4685a1033f5c14f6ee02bc420b4a413990901fe7a87d4e2c',
  },
};
