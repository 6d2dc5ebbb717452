#!/bin/sh
# Packs the releases of releases.txt again. It needs Go, which fetches the
# module k8s.io/kubernetes and checks it, and Cargo. The same releases give the
# same bytes; `update.sh --check` fails where the file beside it has others.
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

set --
while read -r version sum; do
  answer=$(cd / && go mod download -json "k8s.io/kubernetes@v$version")
  got=$(printf '%s\n' "$answer" | field Sum)
  if [ "$got" != "$sum" ]; then
    echo "update.sh: k8s.io/kubernetes v$version has the sum $got, not $sum" >&2
    exit 1
  fi
  set -- "$@" "$version=$(printf '%s\n' "$answer" | field Dir)"
done < "$here/releases.txt"

cd "$here/../.."
cargo run --quiet --release --package tessera-schema-pack -- "$out" "$@"
if [ "$out" != "$here/kubernetes.bin" ]; then
  cmp "$out" "$here/kubernetes.bin"
fi
