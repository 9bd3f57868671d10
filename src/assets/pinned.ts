// The program and the sysroots that determine the outputs of a build, with their sha256s.

export type AssetName =
  | 'llvm'
  | 'clang-headers'
  | 'musl-headers'
  | 'linux-headers'
  | 'libcxx-headers'
  | 'libcxx-modules'
  | 'libraries-x86_64'
  | 'libraries-aarch64'
  | 'mingw-headers'
  | 'more-mingw-headers'
  | 'libraries-mingw-x86_64'
  | 'more-libraries-mingw-x86_64'
  | 'wasi-headers'
  | 'libraries-wasm32'
  | 'sanitizers-x86_64'
  | 'sanitizers-aarch64'
  | 'sanitizers-gnu-x86_64'
  | 'sanitizers-gnu-aarch64'
  | 'sanitizers-mingw-x86_64'
  | 'glibc-headers'
  | 'glibc-x86_64'
  | 'glibc-aarch64'
  | 'libraries-gnu-x86_64'
  | 'libraries-gnu-aarch64';

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
    sha256: '73b4f7f01b531564cf8572d085db4443daf752c3c5bd07b3892930396d585bd2',
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
  'sanitizers-gnu-x86_64': {
    kind: 'sysroot',
    version: '22.1.8',
    sha256: '97b64f1fb87b2984ea0569a0601925f10062b2f92215e80120d9b95f4f14bdce',
  },
  'sanitizers-gnu-aarch64': {
    kind: 'sysroot',
    version: '22.1.8',
    sha256: '27d3c167874ae1d07395e31a2c9afa00e0c4bf88b47ed34d85c278d15f2b4152',
  },
  'sanitizers-mingw-x86_64': {
    kind: 'sysroot',
    version: '22.1.8',
    sha256: '482cc3e522b0d351b8145af711577ddc8b252214369bfb07055c9bd56a512ba5',
  },
  'glibc-headers': {
    kind: 'sysroot',
    version: '2.43-7',
    sha256: 'cf8611dff066e6e6d69f4074dda5bf9eeaf8a782e103ccfb81b2501a53fd7530',
  },
  'glibc-x86_64': {
    kind: 'sysroot',
    version: '2.43-7',
    sha256: '2e0cae6874ab960d708c86fc212a63964633ceac386612348d25c5c937050a72',
  },
  'glibc-aarch64': {
    kind: 'sysroot',
    version: '2.43-7',
    sha256: 'cfbd9359572190420f34389cfdadbb54264cc801a48c3fecdcefc30976d2fb33',
  },
  'libraries-gnu-x86_64': {
    kind: 'sysroot',
    version: '22.1.8',
    sha256: '6cbd138940320bf3a406b3f5ab68c5415714a4fbe78c1fffd7a9ad8045c58125',
  },
  'libraries-gnu-aarch64': {
    kind: 'sysroot',
    version: '22.1.8',
    sha256: '0067ecad5752101ef9c02cf51e11e8acc09d14e77c047752ab60daf99569419b',
  },
};
