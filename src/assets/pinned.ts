// The programs and sysroots that decide what a build puts out.

export type AssetName =
  | 'llvm'
  | 'clang-headers'
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
  llvm: {
    kind: 'program',
    version: '22.1.8',
    sha256: '89847969c2265f51c6c106b82b005863f6fa5884345cc49e43ccdcb7bc1ecea4',
  },
  'clang-headers': {
    kind: 'sysroot',
    version: '22.1.8',
    sha256: 'fe8bfd9a52f4e245a0360f158859398dd6d5b9030195dff2c8b9b43a1783b182',
  },
  'musl-headers': {
    kind: 'sysroot',
    version: '1.2.3-1+c23',
    sha256: '353ae2c13989f2728c98c5ac679269c9d769a35071e976c9daca09610a0110ca',
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

/** Sysroots that nearly every unit reads something of: a process reads them once for all of its workers. */
export const ALWAYS_NEEDED: readonly AssetName[] = ['clang-headers', 'musl-headers'];
