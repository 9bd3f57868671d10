#!/usr/bin/env bash
# The compiler launcher for CMake: compiles a source of LLVM with the precompiled header of its project and, if profile/files.txt
# lists it, with the profile of its project, or else for size.
# usage: compile.sh <LLVM's source> <folder of the headers and profiles> <compiler> <arguments>...
here=$(dirname "$0") source=$1 work=$2
shift 2
listed() { grep --quiet --line-regexp --fixed-strings "$file" "$1"; }
for argument; do
  case $argument in "$source"/*.cpp) ;; *) continue ;; esac
  file=${argument#"$source"/}
  project=llvm
  [ "${file%%/*}" != clang ] || project=clang
  listed "$here/pch/without.txt" || set -- "$@" -include-pch "$work/$project.pch"
  if listed "$here/profile/files.txt"; then
    # Not every function was run. Values are not profiled. What takes nine tenths of the time is inlined without thought of size: with
    # 99 %, which is usual, hot code is larger by a third, and V8 compiles all of it as it runs (bench/README.md). What takes the last
    # twentieth of the time is not inlined at all, even into its only caller: V8 compiles and optimises whole functions.
    set -- "$@" -fprofile-use="$work/$project.profdata" -mllvm -disable-vp=true -Wno-profile-instr-unprofiled \
      -mllvm -profile-summary-cutoff-hot=900000 -mllvm -profile-summary-cutoff-cold=950000
  elif [ "${file%%/*}" != lld ]; then
    # What runs rarely is made small, so that there is less to download, to read and to compile. Not with -Os, for which
    # precompiled headers of its own would be needed. lld has no profile, and its speed counts.
    set -- "$@" -mllvm -force-attribute=optsize
  fi
done
exec "$@"
