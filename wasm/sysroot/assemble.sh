#!/usr/bin/env bash
# Assembles wasm/sysroot/dist: runs each folder's build.sh. See README.md beside this file.
#   usage: assemble.sh <llvm source> [--out <folder>] [folder...]
# Needs apt, dpkg-deb, GNU tar, gzip, cmake, ninja, clang-22 and llvm-22; no root. Running it twice gives the same bytes.
# If folders are named, only those are built; the other archives in dist/ stay.
set -euo pipefail

usage() { sed -n '3p' "$0" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
# In this order, since libraries are compiled with headers of earlier folders, and some use the libc++ headers that musl makes.
all=(headers musl glibc wasi mingw)
source='' out=$here/dist folders=()
while [ $# -gt 0 ]; do
  case $1 in
    --out) [ $# -ge 2 ] || usage; out=$2; shift 2 ;;
    -*) usage ;;
    *) if [ -z "$source" ]; then source=$1; else folders+=("$1"); fi; shift ;;
  esac
done
[ -d "$source" ] || usage
for folder in "${folders[@]}"; do
  [ -f "$here/$folder/build.sh" ] || { echo "no such folder: $folder (there are: ${all[*]})" >&2; exit 2; }
done
if [ ${#folders[@]} -eq 0 ]; then
  rm -rf "$out"
  folders=("${all[@]}")
fi
mkdir -p "$out"
for folder in "${folders[@]}"; do "$here/$folder/build.sh" "$source" "$out"; done
(cd "$out" && sha256sum -- *.tar.gz >SHA256SUMS && cat SHA256SUMS)
