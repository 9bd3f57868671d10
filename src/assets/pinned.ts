// The programs and sysroots that decide what a build puts out.

export type AssetName =
  | 'llvm'
  | 'clang-headers'
  | 'musl-headers'
  | 'linux-headers'
  | 'libcxx-headers'
  | 'libcxx-modules'
  | 'libraries-x86_64'
  | 'libraries-aarch64'
  | 'sanitizers-x86_64'
  | 'sanitizers-aarch64';

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
    sha256: 'f572ba1549b7bbd802bbd43424bf44ac45f92f80d236c110b291959b8a9634e8',
  },
  'clang-headers': {
    kind: 'sysroot',
    version: '22.1.8',
    sha256: 'fe8bfd9a52f4e245a0360f158859398dd6d5b9030195dff2c8b9b43a1783b182',
  },
  'musl-headers': {
    kind: 'sysroot',
    version: '1.2.6-2+c23',
    sha256: 'd816d95e0363d6221e670aabe300e22bbbd309d76bee48583d3082272dd46bcd',
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
    version: '1.2.6-2+22.1.8',
    sha256: '4da404b29f73b5be7c402d12e7ae8028c359087b5ce3119cf9089c84fa425235',
  },
  'libraries-aarch64': {
    kind: 'sysroot',
    version: '1.2.6-2+22.1.8',
    sha256: '9e6dd13775b32223caff946cc2f298680b6d583f4135b84b58f593a9c300e84f',
  },
  'libcxx-modules': {
    kind: 'sysroot',
    version: '22.1.8',
    sha256: '3cd29376cfd92015e774669a0433173fd4f02c4626938ec2fae62c7ed1bddb8b',
  },
  'sanitizers-x86_64': {
    kind: 'sysroot',
    version: '22.1.8',
    sha256: 'a2054232ad44dfb409a214ddde6f84d455fd1f0b0f4bcc3aa359aa2d7508b135',
  },
  'sanitizers-aarch64': {
    kind: 'sysroot',
    version: '22.1.8',
    sha256: '609b7bc828262ff37a2a3c2487cb91aea114f62088a1ef2039d8fc6b6244a50d',
  },
};
