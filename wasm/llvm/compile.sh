#!/usr/bin/env bash
# CMake's launcher: compiles the sources that files.txt names with the profile of their project, and all others without.
# usage: use.sh <LLVM's source> <folder of the profiles> <compiler> <arguments>...
source=$1 profiles=$2
shift 2
for argument; do
  file=${argument#"$source"/}
  if [ "$file" != "$argument" ] && grep --quiet --line-regexp --fixed-strings "$file" "$(dirname "$0")/files.txt"; then
    # Not every function was run. Values are not profiled.
    set -- "$@" -fprofile-use="$profiles/${file%%/*}.profdata" -mllvm -disable-vp=true -Wno-profile-instr-unprofiled
  fi
done
exec "$@"
