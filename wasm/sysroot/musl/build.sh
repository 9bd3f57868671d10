#!/usr/bin/env bash
# musl, and LLVM's runtime libraries for it. See README.md beside this file.
#   usage: build.sh <llvm source> <output folder>
. "$(dirname "${BASH_SOURCE[0]}")/../common.sh"
here=$sysroots/musl

# musl <Debian architecture> <architecture>: headers to $work/musl, start files and libraries to $work/libraries-<architecture>
musl() {
  local from=$work/unpacked/musl-dev-$1/usr triple=$2-unknown-linux-musl name
  mkdir -p "$work/musl/$triple/usr" "$work/libraries-$2/$triple/usr/lib"
  cp -R "$from/include/$2-linux-musl" "$work/musl/$triple/usr/include"
  # What C23 asks for beyond musl's headers: after their own text, whose lines stay where debug info has them.
  for name in "$here"/c23/*.h; do cat "$name" >>"$work/musl/$triple/usr/include/${name##*/}"; done
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

fetch bookworm amd64 musl-dev 1.2.3-1 amd64 7c34f29a0c1aa12f6da1d25ed6de6fe6bbd9e048ee76b3dcb88c5e51fb65507f
fetch bookworm arm64 musl-dev 1.2.3-1 arm64 55c2ca4bc3041c8ed8ac7dc3ef6080d9551a21650568b2fd7610b59eaf98a4f4
fetch bookworm amd64 musl 1.2.3-1 amd64 4fc1e3d9b579f5c682ca99a4d45aec08d72a2e6b82b4c2e1bbcb7095466ae96d
fetch bookworm arm64 musl 1.2.3-1 arm64 6ccf2bf0f479b00411cb8e1eeb048e648718170db5d63bbb4bf4a89350b81468
musl amd64 x86_64
musl arm64 aarch64
unpack linux-headers "$work/linux"

for architecture in x86_64 aarch64; do
  triple=$architecture-unknown-linux-musl
  # What the runtimes are compiled against: musl's headers with the kernel's.
  mkdir -p "$work/sysroot-$architecture/usr"
  cp -R "$work/musl/$triple/usr/include" "$work/sysroot-$architecture/usr/include"
  cp -Rn "$work/linux/generic/." "$work/linux/$architecture/." "$work/sysroot-$architecture/usr/include"
  installed=$work/installed-$architecture libraries=$work/libraries-$architecture
  # CMake's checks do not link here, so they find what musl lacks: glibc's __cxa_thread_atexit_impl.
  runtimes "$triple" "$work/sysroot-$architecture" "$installed" -DLIBCXX_HAS_MUSL_LIBC=ON -DLIBCXXABI_HAS_CXA_THREAD_ATEXIT_IMPL=OFF
  cp "$installed/lib/"lib{c++,c++experimental,unwind}.a "$libraries/$triple/usr/lib"
  # Where clang's driver looks for compiler-rt, below its resource directory.
  mkdir -p "$libraries/compiler-rt/$triple"
  cp "$installed/lib/$triple/"{libclang_rt.builtins.a,libclang_rt.profile.a,clang_rt.crtbegin.o,clang_rt.crtend.o} "$libraries/compiler-rt/$triple"
  pack "libraries-$architecture" "$libraries"
done
# One set of C++ headers for both: __config_site is the same.
diff --recursive "$work/installed-x86_64/include/c++/v1" "$work/installed-aarch64/include/c++/v1"
rm -rf "$work/installed-x86_64/include/c++/v1/__cxx03" # only for a macro that nobody sets
pack libcxx-headers "$work/installed-x86_64/include/c++/v1"
pack musl-headers "$work/musl"
cp "$work/unpacked/musl-dev-amd64/usr/share/doc/musl-dev/copyright" "$out/LICENSE.musl"
for library in compiler-rt libcxx libcxxabi libunwind; do cp "$source/$library/LICENSE.TXT" "$out/LICENSE.$library"; done
