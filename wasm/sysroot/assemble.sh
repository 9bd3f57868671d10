#!/usr/bin/env bash
# Assembles wasm/sysroot/dist from Debian packages and the LLVM source. See README.md beside this file.
#   usage: assemble.sh <llvm source> [output folder]
# Needs apt, dpkg-deb, GNU tar, gzip, cmake, ninja, clang-22 and llvm-22; no root. Running it twice gives the same bytes.
set -euo pipefail

[ $# -ge 1 ] || { sed -n '3p' "$0" >&2; exit 2; }
source=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
out=$(realpath -m "${2:-$here/dist}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C TZ=UTC SOURCE_DATE_EPOCH=0

# A private apt state, so that foreign packages can be fetched without root and
# without touching the machine's own lists.
apt_for() {
  local arch=$1; shift
  mkdir -p "$work/apt/$arch/lists/partial" "$work/apt/$arch/cache/archives/partial"
  apt-get -qq -o APT::Architecture="$arch" -o APT::Architectures::="$arch" \
    -o Dir::State::Lists="$work/apt/$arch/lists" -o Dir::Cache="$work/apt/$arch/cache" \
    -o Dir::State::status=/dev/null -o APT::Sandbox::User= "$@"
}

# fetch <apt architecture> <package> <version> <architecture in the file's name> <sha256>: unpacks to $work/unpacked/<package>-<apt architecture>
fetch() {
  (cd "$work" && apt_for "$1" download "$2=$3")
  local file=$work/$2_${3/:/%3a}_$4.deb # an epoch is quoted in a file's name
  echo "$5  $file" | sha256sum --check --quiet
  mkdir -p "$work/unpacked"
  dpkg-deb --extract "$file" "$work/unpacked/$2-$1"
}

# pack <name> <folder>: a tar.gz that depends on nothing but what is in it.
pack() {
  tar --create --directory "$2" --sort=name --format=ustar --owner=0 --group=0 --numeric-owner \
    --mtime=@0 --mode=u=rw,go=r,a+X . | gzip --best --no-name >"$out/$1.tar.gz"
}

# musl <Debian architecture> <architecture>: headers to $work/musl, start files and libraries to $work/libraries
musl() {
  local from=$work/unpacked/musl-dev-$1/usr triple=$2-unknown-linux-musl name
  mkdir -p "$work/musl/$triple/usr" "$work/libraries-$2/$triple/usr/lib"
  cp -R "$from/include/$2-linux-musl" "$work/musl/$triple/usr/include"
  # What C23 asks for beyond musl's headers: after their own text, whose lines stay where debug info has them.
  for name in "$here"/musl-c23/*.h; do cat "$name" >>"$work/musl/$triple/usr/include/${name##*/}"; done
  local lib=$work/libraries-$2/$triple/usr/lib
  cp "$from/lib/$2-linux-musl/"*.[oa] "$lib"
  llvm-strip-22 --strip-debug "$lib/"*.[oa] # musl's own debug info would end up in every program
  # What a shared library links with: the names in musl's libc, without its code.
  llvm-ifs-22 --input-format=ELF --output-elf="$lib/libc.so" "$work/unpacked/musl-$1/lib/$2-linux-musl/libc.so"
  # Names that build systems write for GCC's libraries, and their counterparts here.
  echo 'INPUT(-lc++)' | tee "$lib/libstdc++.a" >"$lib/libc++abi.a"
  # Empty: musl's libc and compiler-rt have what is in these.
  for name in atomic crypt ssp ssp_nonshared; do cp "$lib/libm.a" "$lib/lib$name.a"; done
  echo "INPUT(../../../../clang/lib/$triple/libclang_rt.builtins.a)" >"$lib/libgcc.a" # from here to where art shows it to the linker
  echo 'INPUT(-lunwind)' | tee "$lib/libgcc_s.a" >"$lib/libgcc_eh.a"
}

# The kernel's headers: what both architectures have alike goes to $work/linux/generic.
linux() {
  local x86_64=$work/linux/x86_64 aarch64=$work/linux/aarch64 file
  mkdir -p "$work/linux/generic"
  mv "$work/unpacked/linux-libc-dev-amd64-cross-amd64/usr/x86_64-linux-gnu/include" "$x86_64"
  mv "$work/unpacked/linux-libc-dev-arm64-cross-amd64/usr/aarch64-linux-gnu/include" "$aarch64"
  (cd "$x86_64" && find . -type f -print0) | while IFS= read -r -d '' file; do
    cmp --quiet "$x86_64/$file" "$aarch64/$file" || continue
    mkdir -p "$(dirname "$work/linux/generic/$file")"
    mv "$x86_64/$file" "$work/linux/generic/$file"
    rm "$aarch64/$file"
  done
  find "$work/linux" -type d -empty -delete
}

# clang's own headers, without those for machines and languages that art does not compile for.
clang_headers() {
  mkdir -p "$work/clang"
  cp -R "$work/unpacked/libclang-common-22-dev-amd64/usr/lib/llvm-22/lib/clang/22/include" "$work/clang/include"
  (cd "$work/clang/include" && rm -r ISO_Fortran_binding.h __clang_{cuda,hip,spirv}* cuda_wrappers openmp_wrappers ppc_wrappers zos_wrappers \
    llvm_{libc,offload}_wrappers altivec.h amdgpuintrin.h amo.h andes_vector.h arm_{cde,cmse,mve}.h armintr.h gpuintrin.h hexagon* hvx* \
    htm* larchintrin.h lasxintrin.h lsxintrin.h msa.h nvptxintrin.h opencl* riscv* s390intrin.h sifive* spirvintrin.h vecintrin.h vel* xray)
}

apt_for amd64 update
apt_for arm64 update
fetch amd64 musl-dev 1.2.3-1 amd64 7c34f29a0c1aa12f6da1d25ed6de6fe6bbd9e048ee76b3dcb88c5e51fb65507f
fetch arm64 musl-dev 1.2.3-1 arm64 55c2ca4bc3041c8ed8ac7dc3ef6080d9551a21650568b2fd7610b59eaf98a4f4
fetch amd64 musl 1.2.3-1 amd64 4fc1e3d9b579f5c682ca99a4d45aec08d72a2e6b82b4c2e1bbcb7095466ae96d
fetch arm64 musl 1.2.3-1 arm64 6ccf2bf0f479b00411cb8e1eeb048e648718170db5d63bbb4bf4a89350b81468
fetch amd64 linux-libc-dev-amd64-cross 6.1.4-1cross1 all b7ec9f95d20bd4669119201ec6a1ac372189fc222d35f21631bb79b723519293
fetch amd64 linux-libc-dev-arm64-cross 6.1.4-1cross1 all 66457f015d16b7d372db6591cff38db0da928362ff2ea1fa75491e28f6904d81
fetch amd64 libclang-common-22-dev 1:22.1.8-1~deb12u1 amd64 833d7559bfbe169d7927dfe151cae48bf352da5202e36034a206688ae33f9031
clang_headers
musl amd64 x86_64
musl arm64 aarch64
linux

rm -rf "$out"
mkdir -p "$out"
for architecture in x86_64 aarch64; do
  triple=$architecture-unknown-linux-musl
  # What the runtimes are compiled against: musl's headers with the kernel's.
  mkdir -p "$work/sysroot-$architecture/usr"
  cp -R "$work/musl/$triple/usr/include" "$work/sysroot-$architecture/usr/include"
  cp -Rn "$work/linux/generic/." "$work/linux/$architecture/." "$work/sysroot-$architecture/usr/include"
  "$here/runtimes.sh" "$source" "$triple" "$work/sysroot-$architecture" "$work/build-$architecture" "$work/installed-$architecture"
  cp "$work/installed-$architecture/lib/"lib{c++,c++experimental,unwind}.a "$work/libraries-$architecture/$triple/usr/lib"
  # Where clang's driver looks for compiler-rt, below its resource directory.
  mkdir -p "$work/libraries-$architecture/compiler-rt/$triple"
  cp "$work/installed-$architecture/lib/$triple/"{libclang_rt.builtins.a,libclang_rt.profile.a,clang_rt.crtbegin.o,clang_rt.crtend.o} \
    "$work/libraries-$architecture/compiler-rt/$triple"
  pack "libraries-$architecture" "$work/libraries-$architecture"
done
# One set of C++ headers for both: __config_site is the same.
diff --recursive "$work/installed-x86_64/include/c++/v1" "$work/installed-aarch64/include/c++/v1"
rm -rf "$work/installed-x86_64/include/c++/v1/__cxx03" # only for a macro that nobody sets
pack libcxx-headers "$work/installed-x86_64/include/c++/v1"
pack clang-headers "$work/clang"
pack musl-headers "$work/musl"
pack linux-headers "$work/linux"
cp "$work/unpacked/musl-dev-amd64/usr/share/doc/musl-dev/copyright" "$out/LICENSE.musl"
cp "$work/unpacked/linux-libc-dev-amd64-cross-amd64/usr/share/doc/linux-libc-dev-amd64-cross/copyright" "$out/LICENSE.linux"
for library in clang compiler-rt libcxx libcxxabi libunwind; do cp "$source/$library/LICENSE.TXT" "$out/LICENSE.$library"; done
(cd "$out" && sha256sum -- *.tar.gz >SHA256SUMS && cat SHA256SUMS)
