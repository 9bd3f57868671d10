#!/usr/bin/env bash
# Builds llvm.wasm. See README.md beside this file.
set -euo pipefail

usage() {
  cat <<'USAGE'
usage: build.sh --llvm-source <dir> (--zlib-source <dir> | --llvm-prefix <dir>) [--work <dir>] [--out <dir>]
  --llvm-source  an LLVM 22.1.8 source tree: the folder that holds llvm/, clang/, lld/, cmake/, third-party/; patches/ is applied to it
  --zlib-source  the source of zlib 1.2.13, with which LLVM reads and writes compressed sections
  --llvm-prefix  LLVM, clang and lld of that source, already built for wasm32-wasi: a folder that holds lib/ and include/
  --work         where to build; what is there from an earlier build is kept   (default: a new temporary folder)
  --out          where llvm.wasm and llvm.json are written                     (default: --work)
USAGE
}

here=$(cd "$(dirname "$0")" && pwd)
source= zlib= prefix= work= out=
while [ $# -gt 0 ]; do
  case $1 in
    --llvm-source) source=$(realpath "$2"); shift 2 ;;
    --zlib-source) zlib=$(realpath "$2"); shift 2 ;;
    --llvm-prefix) prefix=$(realpath "$2"); shift 2 ;;
    --work) mkdir -p "$2"; work=$(realpath "$2"); shift 2 ;;
    --out) mkdir -p "$2"; out=$(realpath "$2"); shift 2 ;;
    --help) usage; exit 0 ;;
    *) echo "build.sh: unknown option '$1'" >&2; usage >&2; exit 2 ;;
  esac
done
[ -n "$source" ] && [ -n "$zlib$prefix" ] || { usage >&2; exit 2; }
work=${work:-$(mktemp -d)}
out=${out:-$work}

# Nothing of this machine may reach an output byte: no locale, no clock, no paths.
export LC_ALL=C TZ=UTC SOURCE_DATE_EPOCH=0
# No LTO: it makes the program faster once V8 has optimised it, and slower until
# then, which is what counts for a command (bench/README.md).
optimise="-O2"
wasi=/usr/include/wasm32-wasi
# Otherwise clang adds the host's own /usr/include.
common="--target=wasm32-wasi -Wno-deprecated -nostdlibinc -isystem $here/shim/include"
common+=" -D_WASI_EMULATED_MMAN -D_WASI_EMULATED_SIGNAL -D_WASI_EMULATED_PROCESS_CLOCKS -D_WASI_EMULATED_GETPID"
common+=" -D_GNU_SOURCE"
common+=" -ffile-prefix-map=$here=art -ffile-prefix-map=$work=build -ffile-prefix-map=$source=llvm-source"
cflags="$common -isystem $wasi"
# CLANG_BUILD_STATIC: otherwise clang's headers have no way to declare templates for WebAssembly.
cxxflags="$common -DCLANG_BUILD_STATIC -nostdinc++ -isystem $wasi/c++/v1 -isystem $wasi -include $here/shim/include/single_threaded_std.h"

apply_patches() {
  local file
  for file in "$here"/patches/*.patch; do
    patch --directory="$source" --strip=1 --reverse --dry-run --silent --force <"$file" >/dev/null ||
      patch --directory="$source" --strip=1 --forward --silent <"$file"
  done
}

# The profiles of the program's own runs: profile/README.md.
read_profiles() {
  local project
  for project in clang llvm; do
    # Functions of one file are named with its path, which is this machine's.
    gunzip --stdout "$here/profile/$project.proftext.gz" | sed "s#^llvm-source/#$source/#" >"$work/$project.proftext"
    llvm-profdata-22 merge --sparse -o "$work/$project.profdata" "$work/$project.proftext"
  done
}

build_zlib() {
  local name objects=()
  mkdir -p "$work/zlib" "$work/llvm/lib"
  for name in adler32 compress crc32 deflate inffast inflate inftrees trees uncompr zutil; do
    clang-22 $cflags $optimise -w -c "$zlib/$name.c" -o "$work/zlib/$name.o"
    objects+=("$work/zlib/$name.o")
  done
  llvm-ar-22 rcsD "$work/llvm/lib/libz.a" "${objects[@]}"
}

# clang-tblgen is in no Debian package, so it is built for this machine.
build_clang_tblgen() {
  local file objects=()
  mkdir -p "$work/native-tools/objects"
  for file in "$source"/clang/utils/TableGen/*.cpp "$source"/clang/lib/Support/*.cpp; do
    objects+=("$work/native-tools/objects/$(basename "$file").o")
    clang++-22 -O1 -std=c++17 -fno-rtti -fno-exceptions -w -I/usr/lib/llvm-22/include -I"$source/clang/include" \
      -I"$source/clang/utils/TableGen" -c "$file" -o "${objects[-1]}"
  done
  clang++-22 "${objects[@]}" -o "$work/native-tools/clang-tblgen" -L/usr/lib/llvm-22/lib -lLLVMTableGen -lLLVM-22
}

# Builds the precompiled header of a project, with the flags of one of its objects, after TableGen has written its headers.
# usage: build_pch <project> <object> <its target in CMake>
build_pch() {
  local command
  [ ! -e "$work/$1.pch" ] || return 0
  ninja -C "$work/llvm" "cmake_object_order_depends_target_$3"
  command=$(ninja -C "$work/llvm" -t commands "$2" | grep -F -- "-o $2 ")
  (cd "$work/llvm" && eval "${command% -MD *} -fpch-instantiate-templates -x c++-header $here/pch/$1.h -o $work/$1.pch.tmp")
  mv "$work/$1.pch.tmp" "$work/$1.pch"
}

build_llvm() {
  local tools=$work/native-tools
  [ -x "$tools/clang-tblgen" ] || build_clang_tblgen
  # Debian's llvm-tblgen is this very version, so no native LLVM is built first.
  ln -sf "$(command -v llvm-tblgen-22)" "$tools/llvm-tblgen"
  ln -sf "$(command -v llvm-tblgen-22)" "$tools/llvm-min-tblgen"
  cmake -G Ninja -S "$source/llvm" -B "$work/llvm" \
    -DCMAKE_CXX_COMPILER_LAUNCHER="$here/compile.sh;$source;$work" -DCMAKE_TOOLCHAIN_FILE="$here/cmake/wasi-toolchain.cmake" -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_C_FLAGS="$cflags" -DCMAKE_CXX_FLAGS="$cxxflags" \
    -DCMAKE_C_FLAGS_RELEASE="$optimise -DNDEBUG" -DCMAKE_CXX_FLAGS_RELEASE="$optimise -DNDEBUG" \
    -DCMAKE_EXE_LINKER_FLAGS="--no-wasm-opt -lwasi-emulated-mman -lwasi-emulated-signal -lwasi-emulated-process-clocks -lwasi-emulated-getpid" \
    -DLLVM_TABLEGEN="$tools/llvm-tblgen" -DCLANG_TABLEGEN="$tools/clang-tblgen" -DLLVM_NATIVE_TOOL_DIR="$tools" \
    -DLLVM_ENABLE_PROJECTS="clang;lld" -DLLVM_TARGETS_TO_BUILD="X86;AArch64;WebAssembly" \
    -DLLVM_DEFAULT_TARGET_TRIPLE=x86_64-unknown-linux-musl \
    -DLLVM_HOST_TRIPLE=wasm32-unknown-wasi -DLLVM_BUILD_STATIC=ON -DLLVM_APPEND_VC_REV=OFF \
    -DLLVM_ENABLE_THREADS=OFF -DLLVM_ENABLE_PIC=OFF -DLLVM_ENABLE_PLUGINS=OFF -DLLVM_ENABLE_BINDINGS=OFF \
    -DLLVM_ENABLE_ZLIB=FORCE_ON -DZLIB_INCLUDE_DIR="$zlib" -DZLIB_LIBRARY="$work/llvm/lib/libz.a" -DLLVM_ENABLE_ZSTD=OFF -DLLVM_ENABLE_LIBXML2=OFF -DLLVM_ENABLE_LIBEDIT=OFF \
    -DLLVM_ENABLE_BACKTRACES=OFF -DLLVM_ENABLE_CRASH_OVERRIDES=OFF -DLLVM_ENABLE_UNWIND_TABLES=OFF \
    -DLLVM_BUILD_TOOLS=OFF -DLLVM_INCLUDE_UTILS=OFF -DLLVM_INCLUDE_RUNTIMES=OFF -DLLVM_INCLUDE_TESTS=OFF \
    -DLLVM_INCLUDE_EXAMPLES=OFF -DLLVM_INCLUDE_BENCHMARKS=OFF -DLLVM_INCLUDE_DOCS=OFF \
    -DCLANG_ENABLE_STATIC_ANALYZER=OFF -DCLANG_ENABLE_OBJC_REWRITER=OFF -DCLANG_PLUGIN_SUPPORT=OFF \
    -DCLANG_INCLUDE_TESTS=OFF -DCLANG_INCLUDE_DOCS=OFF -DCLANG_BUILD_TOOLS=OFF
  build_pch llvm lib/CodeGen/CMakeFiles/LLVMCodeGen.dir/Analysis.cpp.o LLVMCodeGen
  build_pch clang tools/clang/lib/Sema/CMakeFiles/obj.clangSema.dir/Sema.cpp.o obj.clangSema
  # With what they depend on.
  ninja -C "$work/llvm" clangFrontendTool clangDriver clangTooling lldCOFF lldELF lldMinGW lldWasm LLVMLibDriver LLVMDlltoolDriver LLVMObjCopy \
    LLVM{X86,AArch64,WebAssembly}{CodeGen,AsmParser,Desc,Info,Disassembler}
}

# Writes the tables of a tool's options. usage: option_tables <llvm or clang>/tools/<tool>
option_tables() {
  local tool=${1##*/} table
  mkdir -p "$work/driver/include/$tool"
  for table in "$source/$1"/*Opts.td; do
    llvm-tblgen-22 -gen-opt-parser-defs -I"$source/llvm/include" -I"$source/$1" "$table" -o "$work/driver/include/$tool/$(basename "$table" .td).inc"
  done
}

# usage: compile_driver <source> <object> <folder of headers>...
compile_driver() {
  local file=$1 object=$2
  shift 2
  clang++-22 $cxxflags $optimise -std=c++17 -fno-exceptions -fno-rtti -DNDEBUG -I"$work/driver/include/$(basename "$(dirname "$file")")" \
    "${@/#/-isystem}" -isystem "$source/llvm/include" -isystem "$source/clang/include" -isystem "$source/clang/lib/CodeGen" \
    -isystem "$source/lld/include" -c "$file" -o "$object"
}

# Prints the objects of the sources with a profile. A library may have sources in a folder below its own.
profiled_objects() {
  local file folder name
  while read -r file; do
    case $file in clang/*) file=tools/$file ;; *) file=${file#llvm/} ;; esac
    folder=$work/llvm/${file%/*} name=${file##*/}.o
    compgen -G "$folder/CMakeFiles/*.dir/$name" || compgen -G "${folder%/*}/CMakeFiles/*.dir/${folder##*/}/$name"
  done <"$here/profile/files.txt"
}

# art's own sources, the shims, and the tools of LLVM and clang that are not libraries.
build_driver() {
  local tools=$source/llvm/tools objects=() profiled=() file running=0
  option_tables llvm/tools/llvm-nm
  option_tables llvm/tools/llvm-objcopy
  option_tables clang/tools/clang-scan-deps
  for file in "$here"/src/*.cpp "$source"/clang/tools/driver/{driver,cc1as_main,cc1gen_reproducer_main}.cpp \
    "$source"/clang/tools/clang-scan-deps/ClangScanDeps.cpp \
    "$tools"/llvm-ar/llvm-ar.cpp "$tools"/llvm-nm/llvm-nm.cpp "$tools"/llvm-objcopy/{llvm-objcopy,ObjcopyOptions}.cpp; do
    objects+=("$work/driver/$(basename "$file").o")
    [ "$running" -lt "$(nproc)" ] || { wait -n; running=$((running - 1)); }
    compile_driver "$file" "${objects[-1]}" "$@" &
    running=$((running + 1))
  done
  for (( ; running > 0; running--)); do wait -n; done
  for file in "$here"/shim/*.c; do
    objects+=("$work/driver/$(basename "$file").o")
    clang-22 $cflags $optimise -c "$file" -o "${objects[-1]}"
  done
  # Of an inline function the linker takes the first that it sees: the one with a profile, if there is one.
  [ -n "$prefix" ] || mapfile -t profiled < <(profiled_objects)
  # Object order decides function order, so it is fixed: sorted by name.
  clang++-22 --target=wasm32-wasi -Wno-deprecated --no-wasm-opt -nostartfiles $optimise -o "$work/driver/linked.wasm" \
    "${objects[@]}" "${profiled[@]}" "$libraries"/lib{clang,lld,LLVM,z}*.a \
    -lwasi-emulated-mman -lwasi-emulated-signal -lwasi-emulated-process-clocks -lwasi-emulated-getpid \
    -Wl,--wrap=mmap,--wrap=fstat,--gc-sections,--compress-relocations,--strip-all,--stack-first,-z,stack-size=8388608,--max-memory=4294967296
  node "$here/initialise.mjs" "$work/driver/linked.wasm" "$work/driver/llvm.wasm"
}

# Describes all inputs, so that anybody can repeat the build.
describe() {
  local file package version='' comma=''
  {
    printf '{\n  "name": "llvm",\n  "version": "22.1.8",\n'
    printf '  "sha256": "%s",\n' "$(sha256sum "$out/llvm.wasm" | cut -d' ' -f1)"
    printf '  "size": %s,\n' "$(stat -c %s "$out/llvm.wasm")"
    printf '  "optimised": "%s",\n' "-O2 -fprofile-use, optsize without a profile"
    printf '  "llvm_source": { "file": "llvm-toolchain-22_22.1.8.orig.tar.xz", "sha256": "%s" },\n' \
      b49b9277aef97616320b2da259e1f8174c65b0ce2fbe2e8629644a97693402fe
    printf '  "patches": {'
    for file in "$here"/patches/*.patch; do
      printf '%s\n    "%s": "%s"' "$comma" "${file##*/}" "$(sha256sum "$file" | cut -d' ' -f1)"
      comma=,
    done
    comma=''
    printf '\n  },\n'
    printf '  "zlib_source": { "file": "zlib_1.2.13.dfsg.orig.tar.bz2", "sha256": "%s" },\n' \
      71feb7947e3c00ef125f83b79a4e529bde31171e5babe48b391f06758d1ab0a1
    printf '  "debian_packages": {'
    for package in clang-22 libc++-22-dev-wasm32 libc++abi-22-dev-wasm32 \
      libclang-rt-22-dev-wasm32 lld-22 llvm-22 llvm-22-dev wasi-libc; do
      version=$(dpkg-query --show --showformat='${Version}' "$package")
      printf '%s\n    "%s": "%s"' "$comma" "$package" "$version"
      comma=,
    done
    printf '\n  }\n}\n'
  } >"$out/llvm.json"
}

apply_patches
if [ -n "$prefix" ]; then
  libraries=$prefix/lib
  build_driver "$prefix/include"
else
  read_profiles
  build_zlib
  build_llvm
  libraries=$work/llvm/lib
  build_driver "$work/llvm/include" "$work/llvm/tools/clang/include"
fi
cp "$work/driver/llvm.wasm" "$out/llvm.wasm"
describe
cat "$out/llvm.json"
