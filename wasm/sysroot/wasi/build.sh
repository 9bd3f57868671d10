#!/usr/bin/env bash
# wasi-libc, libc++ and compiler-rt's builtins for WASI preview 1. See README.md beside this file.
#   usage: build.sh <llvm source> <output folder>
. "$(dirname "${BASH_SOURCE[0]}")/../common.sh"

# without_debug_info <object or archive> <output>: each object is linked alone (-r), which leaves out its debug info; it would
# end up in every program. An archive may have several members of one name.
without_debug_info() {
  case $1 in *.o) wasm-ld-22 -r --strip-debug "$1" -o "$2"; return ;; esac
  local folder member members=() number
  local -A seen=()
  folder=$(mktemp -d -p "$work")
  while IFS= read -r member; do
    number=$((${seen[$member]:-0} + 1))
    seen[$member]=$number
    mkdir -p "$folder/$number/stripped"
    (cd "$folder/$number" && llvm-ar-22 xN "$number" "$1" "$member")
    wasm-ld-22 -r --strip-debug "$folder/$number/$member" -o "$folder/$number/stripped/$member"
    members+=("$folder/$number/stripped/$member")
  done < <(llvm-ar-22 t "$1")
  llvm-ar-22 qcsD "$2" "${members[@]}" # with no members as well
}

fetch sid amd64 wasi-libc 0.0~git20260423.161b319-2 all 1051dbb0a5e6d3f709de83b6afb423e07a8ab19a9e9f12ef20ff902131e7b8bc
fetch sid amd64 libclang-rt-22-dev-wasm32 1:22.1.8-3 all f7acc2a2d6e49a4b94d1161c78036ca55877c4f09e71aa075253805707450520
libc=$work/unpacked/wasi-libc-amd64/usr sysroot=$work/sysroot

mkdir -p "$sysroot/lib" "$work/headers" "$work/libraries/lib" "$work/libraries/compiler-rt"
cp -R "$libc/include/wasm32-wasi" "$work/headers/include"
cp -R "$work/headers/include" "$sysroot/include"
for file in "$libc/lib/wasm32-wasi/"*.[oa]; do without_debug_info "$file" "$work/libraries/lib/${file##*/}"; done
without_debug_info "$work/unpacked/libclang-rt-22-dev-wasm32-amd64/usr/lib/llvm-22/lib/clang/22/lib/wasi/libclang_rt.builtins-wasm32.a" \
  "$work/libraries/compiler-rt/libclang_rt.builtins.a"

# libc++ as Debian has it for WASI (ABI 2, no exceptions and threads), but with files: Debian's has no <fstream>.
flags="-O2 -ffunction-sections -fdata-sections -ffile-prefix-map=$source=llvm -ffile-prefix-map=$work=build"
flags+=" -ffile-prefix-map=$sysroots=sysroot"
on=ON off=OFF
cmake -G Ninja -S "$source/runtimes" -B "$work/libcxx" -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX="$work/installed" \
  -DCMAKE_MODULE_PATH="$sysroots/../llvm/cmake" -DCMAKE_SYSTEM_NAME=WASI -DCMAKE_SYSTEM_PROCESSOR=wasm32 -DUNIX=$on -DCMAKE_SYSROOT="$sysroot" \
  -DCMAKE_C_COMPILER=clang-22 -DCMAKE_CXX_COMPILER=clang++-22 -DCMAKE_{C,CXX,ASM}_COMPILER_TARGET=wasm32-wasip1 \
  -DCMAKE_AR="$(command -v llvm-ar-22)" -DCMAKE_RANLIB="$(command -v llvm-ranlib-22)" \
  -DCMAKE_{C,CXX,ASM}_FLAGS_RELEASE=-DNDEBUG -DCMAKE_{C,ASM}_FLAGS="$flags" -DCMAKE_CXX_FLAGS="$flags -include $sysroots/wasi/libcxx.h" \
  -DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY \
  -DLLVM_ENABLE_PER_TARGET_RUNTIME_DIR=$off -DLLVM_INCLUDE_TESTS=$off "-DLLVM_ENABLE_RUNTIMES=libcxxabi;libcxx" \
  -DLIB{CXXABI,CXX}_ENABLE_SHARED=$off -DLIB{CXXABI,CXX}_INCLUDE_TESTS=$off -DLIB{CXXABI,CXX}_ENABLE_{EXCEPTIONS,THREADS}=$off \
  -DLIB{CXXABI,CXX}_USE_COMPILER_RT=$on -DLIBCXXABI_USE_LLVM_UNWINDER=$off -DLIBCXX_CXX_ABI=libcxxabi -DLIBCXX_INCLUDE_BENCHMARKS=$off \
  -DLIBCXX_HAS_MUSL_LIBC=$on -DLIBCXX_ENABLE_FILESYSTEM=$on -DLIBCXX_ABI_VERSION=2 >/dev/null
ninja -C "$work/libcxx" install >/dev/null
cp "$work/installed/lib/"lib{c++,c++abi,c++experimental}.a "$work/libraries/lib"
# The headers are those of libcxx-headers, but for one.
mkdir "$work/headers/c++"
cp "$work/installed/include/c++/v1/__config_site" "$work/headers/c++"
unpack libcxx-headers "$work/shared"
diff --recursive --exclude=__config_site --exclude=__cxx03 "$work/shared" "$work/installed/include/c++/v1"

pack wasi-headers "$work/headers"
pack libraries-wasm32 "$work/libraries"
cp "$work/unpacked/wasi-libc-amd64/usr/share/doc/wasi-libc/copyright" "$out/LICENSE.wasi-libc"
