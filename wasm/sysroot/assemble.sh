#!/usr/bin/env bash
# Assembles wasm/sysroot/dist from Debian packages. See README.md beside this file.
#   usage: assemble.sh [output folder]
# Needs apt, dpkg-deb, GNU tar and gzip; no root. Running it twice gives the same bytes.
set -euo pipefail

version=1.2.3-1
here=$(cd "$(dirname "$0")" && pwd)
out=$(realpath -m "${1:-$here/dist}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C TZ=UTC

# A private apt state, so that foreign packages can be fetched without root and
# without touching the machine's own lists.
apt_for() {
  local arch=$1; shift
  mkdir -p "$work/apt/$arch/lists/partial" "$work/apt/$arch/cache/archives/partial"
  apt-get -qq -o APT::Architecture="$arch" -o APT::Architectures::="$arch" \
    -o Dir::State::Lists="$work/apt/$arch/lists" -o Dir::Cache="$work/apt/$arch/cache" \
    -o Dir::State::status=/dev/null -o APT::Sandbox::User= "$@"
}

# headers <Debian architecture> <its musl tuple> <LLVM triple> <sha256 of the package>
headers() {
  local deb=$work/$1.deb root=$work/root/$3
  apt_for "$1" update
  (cd "$work" && apt_for "$1" download "musl-dev=$version" && mv "musl-dev_${version}_$1.deb" "$deb")
  echo "$4  $deb" | sha256sum --check --quiet
  mkdir -p "$root/usr" "$work/unpacked"
  dpkg-deb --extract "$deb" "$work/unpacked/$1"
  cp -R "$work/unpacked/$1/usr/include/$2" "$root/usr/include"
  cp "$work/unpacked/$1/usr/share/doc/musl-dev/copyright" "$work/musl-copyright"
}

headers amd64 x86_64-linux-musl x86_64-unknown-linux-musl \
  7c34f29a0c1aa12f6da1d25ed6de6fe6bbd9e048ee76b3dcb88c5e51fb65507f
headers arm64 aarch64-linux-musl aarch64-unknown-linux-musl \
  55c2ca4bc3041c8ed8ac7dc3ef6080d9551a21650568b2fd7610b59eaf98a4f4

rm -rf "$out"
mkdir -p "$out"
tar --create --directory "$work/root" --sort=name --format=ustar --owner=0 --group=0 --numeric-owner \
  --mtime=@0 --mode=u=rw,go=r,a+X . | gzip --best --no-name >"$out/musl-headers.tar.gz"
cp "$work/musl-copyright" "$out/LICENSE.musl"
(cd "$out" && sha256sum musl-headers.tar.gz >SHA256SUMS)
cat "$out/SHA256SUMS"
