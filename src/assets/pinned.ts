// The programs and sysroots that decide what a build puts out.

export type AssetName =
  | 'llvm'
  | 'clang-headers'
  | 'musl-headers'
  | 'linux-headers'
  | 'libcxx-headers'
  | 'libraries-x86_64'
  | 'libraries-aarch64'
  | 'mingw-headers'
  | 'more-mingw-headers'
  | 'libraries-mingw-x86_64'
  | 'more-libraries-mingw-x86_64'
  | 'wasi-headers'
  | 'libraries-wasm32';

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
  'mingw-headers': {
    kind: 'sysroot',
    version: '12.0.0-5+22.1.8',
    sha256: '06a209717359b8a42533c530cce2e0d8d0de3ed5601e392a5fc962d3dcd1171c',
  },
  'more-mingw-headers': {
    kind: 'sysroot',
    version: '12.0.0-5',
    sha256: 'd94937b2cb8b07442401cb451b227c04d191e0f6c35c4f18658fc208adee1ae7',
  },
  'libraries-mingw-x86_64': {
    kind: 'sysroot',
    version: '12.0.0-5+22.1.8',
    sha256: 'd411401c73cab8b85f8032382e7586fd26a4af241c87be0c56fdcac9885134a5',
  },
  'more-libraries-mingw-x86_64': {
    kind: 'sysroot',
    version: '12.0.0-5',
    sha256: 'edfa0667ebde9a9d107e63fefe0b94d34b594a5cebddb2f4561325a0ab24b19c',
  },
  'wasi-headers': {
    kind: 'sysroot',
    version: '0.0~git20260423.161b319-2',
    sha256: '5a1c88e1e30263f41e647a4c78ec6997f61b9da51aeac14ee72dc2e57d6e727f',
  },
  'libraries-wasm32': {
    kind: 'sysroot',
    version: '0.0~git20260423.161b319-2+22.1.8',
    sha256: '04e45fe7a961aca3c28f92466e95f6d641ce7eae714b28bec1528e383a12718f',
  },
};
