#!/usr/bin/env bash
# The headers that several targets share: clang's own, and the Linux kernel's. See README.md beside this file.
#   usage: build.sh <llvm source> <output folder>
. "$(dirname "${BASH_SOURCE[0]}")/../common.sh"

# The kernel's headers, to $work/linux
linux() {
  local architecture port
  mkdir "$work/linux"
  for architecture in x86_64 aarch64; do
    [ $architecture = x86_64 ] && port=amd64 || port=arm64
    mv "$work/unpacked/linux-libc-dev-$port-cross-amd64/usr/$architecture-linux-gnu/include" "$work/linux/$architecture"
  done
  share "$work/linux"
}

# clang's own headers, without those for machines and languages that art does not compile for.
clang_headers() {
  mkdir -p "$work/clang"
  cp -R "$work/unpacked/libclang-common-22-dev-amd64/usr/lib/llvm-22/lib/clang/22/include" "$work/clang/include"
  (cd "$work/clang/include" && rm -r ISO_Fortran_binding.h __clang_{cuda,hip,spirv}* cuda_wrappers openmp_wrappers ppc_wrappers zos_wrappers \
    llvm_{libc,offload}_wrappers altivec.h amdgpuintrin.h amo.h andes_vector.h arm_{cde,cmse,mve}.h armintr.h gpuintrin.h hexagon* hvx* \
    htm* larchintrin.h lasxintrin.h lsxintrin.h msa.h nvptxintrin.h opencl* riscv* s390intrin.h sifive* spirvintrin.h vecintrin.h vel* xray)
}

fetch bookworm amd64 linux-libc-dev-amd64-cross 6.1.4-1cross1 all b7ec9f95d20bd4669119201ec6a1ac372189fc222d35f21631bb79b723519293
fetch bookworm amd64 linux-libc-dev-arm64-cross 6.1.4-1cross1 all 66457f015d16b7d372db6591cff38db0da928362ff2ea1fa75491e28f6904d81
fetch bookworm amd64 libclang-common-22-dev 1:22.1.8-1~deb12u1 amd64 833d7559bfbe169d7927dfe151cae48bf352da5202e36034a206688ae33f9031
linux
pack linux-headers "$work/linux"
cp "$work/unpacked/linux-libc-dev-amd64-cross-amd64/usr/share/doc/linux-libc-dev-amd64-cross/copyright" "$out/LICENSE.linux"
clang_headers
pack clang-headers "$work/clang"
cp "$source/clang/LICENSE.TXT" "$out/LICENSE.clang"
