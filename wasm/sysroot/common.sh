# Functions for the build.sh of each folder, which sources this file:
#   usage: build.sh <llvm source> <output folder>
# Sets: source, out, work (a folder of its own, removed at the end).
set -euo pipefail
[ $# -eq 2 ] || { echo 'usage: build.sh <llvm source> <output folder>' >&2; exit 2; }
sysroots=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source=$(realpath "$1")
out=$(realpath -m "$2")
mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C TZ=UTC SOURCE_DATE_EPOCH=0

# apt_for <release> <Debian architecture> <words of apt-get>: apt-get with a private state, so that packages of other
# releases and architectures can be fetched without root and without changing the lists of this machine.
apt_for() {
  local state=$work/apt/$1-$2 release=$1 architecture=$2 mirror
  shift 2
  if [ ! -d "$state" ]; then
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
    case $release in
      # Releases that are no longer maintained; the sha256 of every download is checked in any case.
      jessie | stretch | buster) mirror='[trusted=yes check-valid-until=no] http://archive.debian.org/debian' ;;
      *) mirror='[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian' ;;
    esac
    echo "deb $mirror $release main" >"$state/sources.list"
    [ "$release" != bookworm ] || echo "deb ${mirror}-security $release-security main" >>"$state/sources.list"
    apt_for "$release" "$architecture" update
  fi
  apt-get -qq -o APT::Architecture="$architecture" -o APT::Architectures::="$architecture" \
    -o Dir::Etc::SourceList="$state/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Dir::Etc::Preferences=/dev/null \
    -o Dir::Etc::PreferencesParts=/dev/null -o Dir::State::Lists="$state/lists" -o Dir::Cache="$state/cache" \
    -o Dir::State::status=/dev/null -o APT::Sandbox::User= "$@"
}

# fetch <release> <Debian architecture> <package> <version> <architecture in the file's name> <sha256>:
# unpacks to $work/unpacked/<package>-<Debian architecture>
fetch() {
  mkdir -p "$work/unpacked"
  (cd "$work" && apt_for "$1" "$2" download "$3=$4")
  local file=$work/$3_${4/:/%3a}_$5.deb # an epoch is quoted in a file's name
  echo "$6  $file" | sha256sum --check --quiet
  dpkg-deb --extract "$file" "$work/unpacked/$3-$2"
  rm "$file"
}

# share <folder>: moves files that are the same below its x86_64/ and aarch64/ to generic/.
share() {
  local file
  mkdir -p "$1/generic"
  (cd "$1/x86_64" && find . -type f -print0) | while IFS= read -r -d '' file; do
    cmp --quiet "$1/x86_64/$file" "$1/aarch64/$file" || continue
    mkdir -p "$(dirname "$1/generic/$file")"
    mv "$1/x86_64/$file" "$1/generic/$file"
    rm "$1/aarch64/$file"
  done
  find "$1" -type d -empty -delete
}

# pack <name> <folder>: makes a tar.gz whose bytes depend only on its content.
pack() {
  tar --create --directory "$2" --sort=name --format=ustar --owner=0 --group=0 --numeric-owner \
    --mtime=@0 --mode=u=rw,go=r,a+X . | gzip --best --no-name >"$out/$1.tar.gz"
}

# pack_ubsan <name> <folder of LLVM's libraries>: packs the libraries for -fsanitize=undefined that 'runtimes --ubsan' made
pack_ubsan() {
  mkdir "$work/$1"
  cp "$2"/libclang_rt.ubsan_* "$work/$1"
  llvm-strip-22 --strip-debug -D "$work/$1"/*.a
  pack "$1" "$work/$1"
}

# unpack <name> <folder>: unpacks an archive that the build.sh of another folder has made before.
unpack() {
  [ -f "$out/$1.tar.gz" ] || { echo "$out/$1.tar.gz is not there: run assemble.sh for the folder that makes it first" >&2; exit 1; }
  mkdir -p "$2"
  tar --extract --file "$out/$1.tar.gz" --directory "$2"
}

# runtimes [--ubsan] <triple> <sysroot with headers> <install folder> [settings of the target...]: see runtimes.sh
runtimes() {
  local words=()
  if [ "$1" = --ubsan ]; then words=("$1"); shift; fi
  "$sysroots/runtimes.sh" "${words[@]}" "$source" "$1" "$2" "$work/build-$1" "$3" "${@:4}"
}
