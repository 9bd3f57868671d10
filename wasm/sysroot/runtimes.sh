#!/usr/bin/env bash
# Builds LLVM's runtime libraries for one target with Debian's clang-22: compiler-rt's builtins, crt and profile runtime,
# libunwind, libc++abi and libc++, all static; with --ubsan also the library that -fsanitize=undefined calls.
#   usage: runtimes.sh [--ubsan] <llvm source> <triple> <sysroot with headers> <work> <install folder> [CMake settings of the target...]
set -euo pipefail
ubsan=no
if [ "$1" = --ubsan ]; then ubsan=yes; shift; fi
source=$1 triple=$2 sysroot=$3 work=$4 out=$5
settings=("${@:6}")
# Static libraries that also go into shared ones (-fPIC) and of which a program
# takes only what it uses (-f*-sections); no path of this machine in them.
flags="-O2 -fPIC -ffunction-sections -fdata-sections -ffile-prefix-map=$source=llvm -ffile-prefix-map=$work=build"
flags+=" -ffile-prefix-map=$sysroot=sysroot"
on=ON off=OFF

# configure <folder> [settings...]: what the target sets comes last, so it counts.
configure() {
  local folder=$1; shift
  cmake --no-warn-unused-cli -G Ninja -S "$source/runtimes" -B "$work/$folder" -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX="$out" \
    -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR="${triple%%-*}" -DCMAKE_SYSROOT="$sysroot" \
    -DCMAKE_C_COMPILER=clang-22 -DCMAKE_CXX_COMPILER=clang++-22 -DCMAKE_ASM_COMPILER=clang-22 \
    -DCMAKE_C_COMPILER_TARGET="$triple" -DCMAKE_CXX_COMPILER_TARGET="$triple" -DCMAKE_ASM_COMPILER_TARGET="$triple" \
    -DCMAKE_AR="$(command -v llvm-ar-22)" -DCMAKE_RANLIB="$(command -v llvm-ranlib-22)" \
    -DCMAKE_{C,CXX,ASM}_FLAGS_RELEASE="-DNDEBUG" -DCMAKE_{C,CXX,ASM}_FLAGS="$flags" \
    -DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY -DLLVM_ENABLE_PER_TARGET_RUNTIME_DIR=$off -DLLVM_INCLUDE_TESTS=$off \
    "$@" "${settings[@]}" >/dev/null
}

# configure_compiler_rt <folder> [settings...]
configure_compiler_rt() {
  configure "$1" -DLLVM_ENABLE_RUNTIMES=compiler-rt -DCOMPILER_RT_DEFAULT_TARGET_ONLY=$on \
    -DLLVM_ENABLE_PER_TARGET_RUNTIME_DIR=$on -DLLVM_DEFAULT_TARGET_TRIPLE="$triple" \
    -DCOMPILER_RT_BUILD_{XRAY,LIBFUZZER,MEMPROF,ORC,GWP_ASAN,CTX_PROFILE}=$off -DCOMPILER_RT_INCLUDE_TESTS=$off "${@:2}"
}

# With what calls for 16-byte atomics, which x86_64 at its baseline has no instructions for.
configure_compiler_rt compiler-rt -DCOMPILER_RT_BUILD_SANITIZERS=$off -DCOMPILER_RT_BUILD_{BUILTINS,CRT,PROFILE}=$on \
  -DCOMPILER_RT_EXCLUDE_ATOMIC_BUILTIN=$off
ninja -C "$work/compiler-rt" install >/dev/null

# compiler-rt always has ubsan beside the sanitizers that are named. Only what is linked statically: shared ones would need the
# libraries that are built here. compiler-rt has no minimal one for Windows, whose linker takes no list of symbols.
if [ $ubsan = yes ]; then
  configure_compiler_rt ubsan -DCOMPILER_RT_BUILD_SANITIZERS=$on -DCOMPILER_RT_SANITIZERS_TO_BUILD=ubsan_minimal \
    -DCOMPILER_RT_BUILD_{BUILTINS,CRT,PROFILE}=$off
  targets=(clang_rt.ubsan_{standalone,standalone_cxx}-"${triple%%-*}")
  [[ $triple = *windows* ]] || targets+=(clang_rt.ubsan_minimal-"${triple%%-*}" clang_rt.ubsan_{standalone,standalone_cxx,minimal}-"${triple%%-*}"-symbols)
  ninja -C "$work/ubsan" "${targets[@]}" >/dev/null
  find "$work/ubsan" -name 'libclang_rt.ubsan_*.a*' -exec cp -t "$out/lib/$triple" {} +
fi

configure libcxx "-DLLVM_ENABLE_RUNTIMES=libunwind;libcxxabi;libcxx" \
  -DLIB{UNWIND,CXXABI,CXX}_ENABLE_SHARED=$off -DLIB{UNWIND,CXXABI,CXX}_INCLUDE_TESTS=$off \
  -DLIBUNWIND_USE_COMPILER_RT=$on -DLIBCXXABI_USE_COMPILER_RT=$on -DLIBCXX_USE_COMPILER_RT=$on \
  -DLIBCXXABI_USE_LLVM_UNWINDER=$on -DLIBCXX_CXX_ABI=libcxxabi \
  -DLIBCXX_ENABLE_STATIC_ABI_LIBRARY=$on -DLIBCXX_INCLUDE_BENCHMARKS=$off
ninja -C "$work/libcxx" install >/dev/null
