#!/bin/sh
# Packs the releases of releases.txt again. It needs Go, which fetches the
# modules k8s.io/kubernetes and k8s.io/api and checks them, and Cargo. The same
# releases give the same bytes; `update.sh --check` fails where the file beside
# it has others.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
out="$here/kubernetes.bin"
if [ "${1:-}" = "--check" ]; then
  out=$(mktemp)
  trap 'rm -f "$out"' EXIT
fi

field() {
  sed -n "s/^[[:space:]]*\"$1\": \"\(.*\)\",\{0,1\}\$/\1/p"
}

# The folder of a module, whose checksum must be the one that is pinned.
module() {
  answer=$(cd / && go mod download -json "$1@v$2")
  got=$(printf '%s\n' "$answer" | field Sum)
  if [ "$got" != "$3" ]; then
    echo "update.sh: $1 v$2 has the sum $got, not $3" >&2
    exit 1
  fi
  printf '%s\n' "$answer" | field Dir
}

set --
while read -r version kubernetes api; do
  kubernetes=$(module k8s.io/kubernetes "$version" "$kubernetes")
  api=$(module k8s.io/api "0.${version#1.}" "$api")
  set -- "$@" "$version=$kubernetes,$api"
done < "$here/releases.txt"

cd "$here/../.."
cargo run --quiet --release --package tessera-schema-pack -- "$out" "$@"
if [ "$out" != "$here/kubernetes.bin" ]; then
  cmp "$out" "$here/kubernetes.bin"
fi
