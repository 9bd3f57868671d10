#!/usr/bin/env bash
# glibc of every version, and LLVM's runtime libraries for it. See README.md beside this file.
#   usage: build.sh <llvm source> <output folder>
# Needs, besides what the others need, the result of 'npm run build'.
. "$(dirname "${BASH_SOURCE[0]}")/../common.sh"
here=$sysroots/glibc

# The newest glibc, whose headers are used for all versions, and the versions whose start files are used: before 2.34, and from it on.
newest=(sid 2.43-7)
before=(bullseye 2.31-13+deb11u11)
since=(bookworm 2.36-9+deb12u14)

# dev <release> <version> <sha256 for amd64> <for arm64>: unpacks libc6-dev to $work/<release>-x86_64 and -aarch64
dev() {
  fetch "$1" amd64 libc6-dev "$2" amd64 "$3"
  fetch "$1" arm64 libc6-dev "$2" arm64 "$4"
  mv "$work/unpacked/libc6-dev-amd64" "$work/$1-x86_64"
  mv "$work/unpacked/libc6-dev-arm64" "$work/$1-aarch64"
}

# headers: writes the headers to $work/headers, with each declaration only for the versions that have it
headers() {
  local architecture
  mkdir "$work/headers"
  for architecture in x86_64 aarch64; do
    mv "$work/${newest[0]}-$architecture/usr/include" "$work/headers/$architecture"
    cp -R "$work/headers/$architecture/$architecture-linux-gnu/." "$work/headers/$architecture"
    rm -r "$work/headers/$architecture/$architecture-linux-gnu" "$work/headers/$architecture/finclude" # Fortran's
  done
  share "$work/headers"
  patch --quiet --strip=1 --directory="$work/headers" --no-backup-if-mismatch <"$here/headers/versions.patch"
  node "$here/headers/guard.mjs" "$work/headers" "$work/linux"
}

# start <version> <Debian's package unpacked> <architecture>: writes start files to $work/glibc-<architecture>/start/<version>
start() {
  local to=$work/glibc-$3/start/$1
  mkdir -p "$to"
  cp "$2/usr/lib/$3-linux-gnu/"{crt1,Scrt1,gcrt1,crti,crtn}.o "$to"
  llvm-strip-22 --strip-debug "$to"/*.o
}

# nonshared <version> <Debian's package unpacked> <architecture> <members to leave out...>: what is linked into programs
nonshared() {
  local to=$work/glibc-$3/nonshared/$1
  mkdir -p "$to" "$work/members"
  (cd "$work/members" && llvm-ar-22 x "$2/usr/lib/$3-linux-gnu/libc_nonshared.a" && rm -f warning-nop.oS "${@:4}" &&
    llvm-strip-22 --strip-debug ./*.oS && llvm-ar-22 rcsD "$to/libc_nonshared.a" ./*.oS)
  rm -r "$work/members"
}

dev "${newest[@]}" 7095b6c9cd209aac9bb54a03edf9f3544589f553f649b71eec29968ca8ea13ce 2fe4fa9f4d59caf63afd5098ce143a63ed8933cec60c5b4cb4485aebbdfa6dce
dev "${before[@]}" e7f7b45d9c5cfcf37609f0b6efd3c645272c812144703af89dfd32218fcb0fd3 28d478134722dcd4b0bd2045a199301d18713bf95947b9fce66634e7aeacab2e
dev "${since[@]}" 0218fc2befcd784c1b0c6292c0a137ce89fad054efaa579ad083bee0f2c01aae 8bc395bf2ee9939f1a6ae395f974cffdcf541d98f99adfe89ce7e4bef36d159e
unpack linux-headers "$work/linux"
headers

for architecture in x86_64 aarch64; do
  triple=$architecture-unknown-linux-gnu
  for minor in 2.17 2.34; do
    [ $minor = 2.17 ] && from=${before[0]} || from=${since[0]}
    start $minor "$work/$from-$architecture" "$architecture"
    nonshared $minor "$work/$from-$architecture" "$architecture"
  done
  nonshared 2.33 "$work/${before[0]}-$architecture" "$architecture" {,f,l}stat{,64}.oS fstatat{,64}.oS mknod{,at}.oS
  cp "$here/symbols/$architecture.txt" "$work/glibc-$architecture/symbols.txt"
  pack "glibc-$architecture" "$work/glibc-$architecture"

  # The runtimes are compiled with the headers of the oldest glibc and of the kernel, so that they run with every version.
  include=$work/sysroot-$architecture/usr/include
  mkdir -p "$include"
  cp -R "$work/headers/generic/." "$work/headers/$architecture/." "$include"
  cp -Rn "$work/linux/generic/." "$work/linux/$architecture/." "$include"
  sed --in-place -E 's/^(#define\s+__GLIBC_MINOR__\s+)[0-9]+$/\117/' "$include/features.h"
  installed=$work/installed-$architecture libraries=$work/libraries-$architecture
  # Hidden symbols, so that each of two shared libraries in one process uses its own copy. __cxa_thread_atexit_impl is in glibc
  # since 2.18; with OFF libc++abi refers to it weakly.
  runtimes --ubsan "$triple" "$work/sysroot-$architecture" "$installed" -DLIBCXXABI_HAS_CXA_THREAD_ATEXIT_IMPL=OFF \
    -DLIB{CXX,CXXABI}_HERMETIC_STATIC_LIBRARY=ON -DLIBUNWIND_HIDE_SYMBOLS=ON
  mkdir -p "$libraries/usr/lib" "$libraries/compiler-rt"
  cp "$installed/lib/"lib{c++,c++experimental,unwind}.a "$libraries/usr/lib"
  # The names of GCC's libraries, which build systems use, lead to their counterparts here.
  echo 'INPUT(-lc++)' | tee "$libraries/usr/lib/libstdc++.a" >"$libraries/usr/lib/libc++abi.a"
  # Empty, since glibc and compiler-rt contain the functions of these.
  for name in atomic ssp ssp_nonshared; do llvm-ar-22 rcsD "$libraries/usr/lib/lib$name.a"; done
  echo "INPUT(../../../../clang/lib/$triple/libclang_rt.builtins.a)" >"$libraries/usr/lib/libgcc.a" # from here to where art shows it to the linker
  echo 'INPUT(-lunwind)' | tee "$libraries/usr/lib/libgcc_s.a" >"$libraries/usr/lib/libgcc_eh.a"
  cp "$installed/lib/$triple/"{libclang_rt.builtins.a,libclang_rt.profile.a,clang_rt.crtbegin.o,clang_rt.crtend.o} "$libraries/compiler-rt"
  pack "libraries-gnu-$architecture" "$libraries"
  pack_ubsan "sanitizers-gnu-$architecture" "$installed/lib/$triple"
done
# One of libc++'s headers differs from that for musl; it is the same for both architectures.
unpack libcxx-headers "$work/libcxx"
for architecture in x86_64 aarch64; do
  cmp "$work/installed-$architecture/include/c++/v1/__config_site" "$work/installed-x86_64/include/c++/v1/__config_site"
  differing=$(diff --recursive --brief --exclude=__cxx03 "$work/libcxx" "$work/installed-$architecture/include/c++/v1" || true)
  [ "$(wc --lines <<<"$differing")" = 1 ] && [[ $differing = *__config_site* ]] || { echo "$differing" >&2; exit 1; }
done
mkdir "$work/headers/c++"
cp "$work/installed-x86_64/include/c++/v1/__config_site" "$work/headers/c++"
pack glibc-headers "$work/headers"
cp "$work/${newest[0]}-x86_64/usr/share/doc/libc6-dev/copyright" "$out/LICENSE.glibc"
