#!/usr/bin/env bash
# mingw-w64 for UCRT, and LLVM's runtime libraries for it. See README.md beside this file.
#   usage: build.sh <llvm source> <output folder>
. "$(dirname "${BASH_SOURCE[0]}")/../common.sh"
here=$sysroots/mingw

# words <file> [part]: the words of a list, without its comments; of one part, where it has parts.
words() { sed 's/#.*//' "$here/$1" | tr -s ' \n' '\n' | awk -v part="${2:-}" 'NF { if (/^(first|more)$/) at = $1; else if (at == part) print }'; }

# matching <folder> <list>: the files below a folder that a pattern of a list matches; '*' stops at '/'.
matching() {
  local pattern file
  words "$2" | while read -r pattern; do
    (cd "$1" && for file in $pattern; do [ ! -f "$file" ] || echo "$file"; done)
  done | sort -u
}

fetch trixie amd64 mingw-w64-common 12.0.0-5 all 97dce5d0d8aff1cade4786ad4ef5078345477a598829afcac2e7f2fbc5399990
fetch trixie amd64 mingw-w64-ucrt64-dev 12.0.0-5 all 9d48148746cbec4986ea7923b6ea69cc8e2767c64f1641f8c334021042c4dabd
# Links in one package lead to the other one's headers.
mkdir -p "$work/package"
cp -R "$work/unpacked/mingw-w64-common-amd64/." "$work/unpacked/mingw-w64-ucrt64-dev-amd64/." "$work/package"
from=$work/package/usr/x86_64-w64-mingw32ucrt
architecture=x86_64
triple=$architecture-w64-windows-gnu

# What the runtimes are compiled against, and what the archives are parted from.
all=$work/sysroot
mkdir -p "$all/lib"
cp -RL "$from/include" "$all/include"

# Headers: the first ones with all that they may include, then the others.
first=$work/headers/include more=$work/more-headers
mkdir -p "$first" "$more"
matching "$all/include" first-headers.txt >"$work/first-all"
while :; do
  (cd "$all/include" && xargs sed -n 's/^ *# *include *[<"]\([^>"]*\)[>"].*/\1/p' <"$work/first-all" | sort -u |
    while read -r file; do [ ! -f "$file" ] || echo "$file"; done) | sort -u - "$work/first-all" >"$work/first-next"
  cmp --quiet "$work/first-next" "$work/first-all" && break
  mv "$work/first-next" "$work/first-all"
done
(cd "$all/include" && cp --parents $(cat "$work/first-all") "$first")
matching "$all/include" left-out-headers.txt >"$work/left-out"
(cd "$all/include" && find . -type f | sed 's|^\./||' | sort | comm -23 - "$work/first-all" | comm -23 - "$work/left-out" >"$work/more")
(cd "$all/include" && cp --parents $(cat "$work/more") "$more")

# Libraries. Debian's have debug information, which would end up in every program.
libraries=$work/libraries
mkdir -p "$libraries/lib" "$libraries/compiler-rt" "$work/more-libraries"
for name in $(words libraries.txt first); do cp "$from/lib/lib$name.a" "$libraries/lib"; done
for name in $(words libraries.txt more); do cp "$from/lib/lib$name.a" "$work/more-libraries"; done
cp "$from/lib/"{crt2.o,crt2u.o,dllcrt2.o,crtbegin.o,crtend.o,CRT_glob.o,CRT_noglob.o,binmode.o,txtmode.o} "$libraries/lib"
llvm-strip-22 --strip-debug "$libraries/lib/"* "$work/more-libraries/"*
cp "$libraries/lib/"* "$work/more-libraries/"* "$all/lib"

# UCRT's printf takes long double for double, as MSVC does; mingw-w64's own knows it as clang does.
runtimes --ubsan "$triple" "$all" "$work/installed" -DCMAKE_SYSTEM_NAME=Windows -DCMAKE_RC_COMPILER="$(command -v llvm-rc-22)" \
  -DLIBCXX_ADDITIONAL_COMPILE_FLAGS=-D__USE_MINGW_ANSI_STDIO=1
cp "$work/installed/lib/"lib{c++,c++experimental,unwind}.a "$libraries/lib"
# Where clang's driver looks for compiler-rt, below its resource directory.
for name in builtins profile; do
  cp "$work/installed/lib/$triple/libclang_rt.$name.a" "$libraries/compiler-rt"
done
# Names that build systems write for GCC's libraries: lld takes no linker scripts for Windows, but an object may name a library.
alias() {
  printf '.section .drectve,"yn"\n.ascii " -defaultlib:%s "\n' "$2" | clang-22 --target=$triple -c -x assembler -o "$libraries/lib/lib$1.a" -
}
alias stdc++ libc++.a
alias c++abi libc++.a
alias gcc libclang_rt.builtins.a
alias gcc_eh libunwind.a
alias gcc_s libunwind.a
for name in atomic ssp ssp_nonshared; do llvm-ar-22 qcD "$libraries/lib/lib$name.a"; done # compiler-rt and the C library have what is in these

# One set of C++ headers for all; what is different for Windows is in this file.
mkdir -p "$work/headers/libcxx"
cp "$work/installed/include/c++/v1/__config_site" "$work/headers/libcxx"

pack mingw-headers "$work/headers"
pack more-mingw-headers "$more"
pack "libraries-mingw-$architecture" "$libraries"
pack "more-libraries-mingw-$architecture" "$work/more-libraries"
pack_ubsan "sanitizers-mingw-$architecture" "$work/installed/lib/$triple"
cp "$work/package/usr/share/doc/mingw-w64-common/copyright" "$out/LICENSE.mingw-w64"
