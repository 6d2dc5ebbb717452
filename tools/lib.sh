# shellcheck shell=bash
# What `./test`, `.ci/run` and `bench/run` share. Sourced from the top folder.
# Tools are pinned here, installed once into .cache/tools, and never looked for
# elsewhere, so that every machine tests with the same ones.

CARGO_DENY=0.20.2
JRSONNET=0.5.0-pre98
KUBERNETES=1.37.0
ETCD=3.7.3
KWOK=0.8.0
HELM=4.3.1
KRO=0.9.4
KCL=0.13.2
CROSSPLANE=2.4.0
CROSSPLANE_CLI=2.5.0

tools=$PWD/.cache/tools
logs=$PWD/.cache/logs
mkdir -p "$tools" "$logs"

passed=0
failed=0
skipped=0
failures=""

say() { printf '\n== %s\n' "$*" >&2; }

# have PROGRAM WHAT: says what is missing when the program is.
have() {
  command -v "$1" >/dev/null 2>&1 && return 0
  echo "missing: $1 ($2)" >&2
  return 1
}

pass() { passed=$((passed + $1)); }
fail() { failed=$((failed + $1)); failures="$failures
  failed: $2"; }

# What cannot run here is skipped; in CI nothing may be.
skip() {
  if [ "${CI:-}" = true ]; then fail 1 "$1"; else skipped=$((skipped + 1)); echo "skipped: $1" >&2; fi
}

# step NAME COMMAND…: one check that passes or fails.
step() {
  local name=$1
  shift
  say "$name"
  if "$@"; then pass 1; else fail 1 "$name"; fi
}

# tests NAME COMMAND…: a command that runs cargo's tests, which are counted.
tests() {
  local name=$1 log=$logs/tests.log status numbers
  shift
  say "$name"
  "$@" 2>&1 | tee "$log"
  status=${PIPESTATUS[0]}
  numbers=$(awk '/^test result: / { p += $4; f += $6; i += $8 } END { print p + 0, f + 0, i + 0 }' "$log")
  # shellcheck disable=SC2086
  set -- $numbers
  pass "$1"
  skipped=$((skipped + $3))
  # A build that breaks runs no test, and must not look like success.
  if [ "$2" -gt 0 ]; then fail "$2" "$name"; elif [ "$status" -ne 0 ] || [ "$1" -eq 0 ]; then fail 1 "$name"; fi
}

# The last line, and the status of the whole.
finish() {
  local tail=""
  [ -z "$failures" ] || echo "$failures"
  [ "$skipped" -eq 0 ] || tail=", $skipped skipped"
  echo
  echo "$passed passed, $failed failed$tail"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}

# Lines of a long build, as a counter.
counted() { awk -v what="$1" 'NR % 100 == 0 { printf "   %s: %d packages\n", what, NR; fflush() } /^(go:|#|[^ ]*: )/ && !/downloading/ { print; fflush() }' >&2; }

# go_tools MODULE VERSION MINUTES LDFLAGS PROGRAM=PACKAGE…: builds those programs
# of tools/MODULE that are not there yet, together, since they share most of what
# is compiled; the folder that holds them on stdout.
go_tools() {
  local module=$1 version=$2 minutes=$3 ldflags=$4 started=$SECONDS program
  local folder=$tools/$module-$version missing=() new out
  shift 4
  for program; do [ -x "$folder/bin/${program%%=*}" ] || missing+=("$program"); done
  if [ "${#missing[@]}" -gt 0 ]; then
    have go "Go 1.26 or newer, to build $module $version" || return 1
    say "building ${missing[*]%%=*} $version, once; about $minutes minutes"
    new=$folder/new.$$ out=$folder/new.$$/
    mkdir -p "$folder/bin" "$new"
    # Of several, Go takes the names from the packages.
    [ "${#missing[@]}" -gt 1 ] || out=$new/${missing[0]%%=*}
    (cd "tools/$module" &&
      go build -v -mod=readonly -trimpath -ldflags "-s -w $ldflags" -o "$out" "${missing[@]#*=}" 2>&1) | counted "$module"
    for program in "${missing[@]%%=*}"; do
      mv "$new/$program" "$folder/bin/" || break
    done
    rm -rf "$new"
    [ -x "$folder/bin/$program" ] || return 1
    echo "   built in $((SECONDS - started)) s" >&2
  fi
  echo "$folder/bin"
}

# cargo_tool NAME VERSION MINUTES: installs a crate's program; its path on stdout.
cargo_tool() {
  local folder=$tools/$1-$2
  if [ ! -x "$folder/bin/$1" ]; then
    say "building $1 $2, once; about $3 minutes"
    cargo install "$1" --version "=$2" --locked --root "$folder" >&2 || return 1
  fi
  echo "$folder/bin/$1"
}

# kubernetes_tools PROGRAM…: Kubernetes' own programs.
kubernetes_tools() {
  local set="-X k8s.io/component-base/version" program packages=()
  for program; do packages+=("$program=k8s.io/kubernetes/cmd/$program"); done
  go_tools kubernetes "$KUBERNETES" 5 \
    "$set.gitVersion=v$KUBERNETES $set.gitMajor=${KUBERNETES%%.*} $set.gitMinor=$(echo "$KUBERNETES" | cut -d. -f2)" \
    "${packages[@]}"
}

# The paths of what the tests start, for the environment.
test_tools() {
  local bin
  bin=$(kubernetes_tools kubectl kube-apiserver kube-controller-manager) || return 1
  export TESSERA_KUBECTL=$bin/kubectl
  export TESSERA_KUBE_APISERVER=$bin/kube-apiserver TESSERA_KUBE_CONTROLLER_MANAGER=$bin/kube-controller-manager
  bin=$(go_tools etcd "$ETCD" 1 "" etcd=go.etcd.io/etcd/server/v3) || return 1
  export TESSERA_ETCD=$bin/etcd
  TESSERA_HELM=$(tool_helm) || return 1
  export TESSERA_HELM
}

# module_files TOOL MODULE FOLDER TO: copies the definitions that a module brings
# into TO/crds, once; that folder on stdout.
module_files() {
  local from
  if [ ! -d "$4/crds" ]; then
    from=$(cd "tools/$1" && go mod download "$2" && go list -mod=readonly -m -f '{{.Dir}}' "$2") || return 1
    cp -R "$from/$3" "$4/crds" && chmod -R u+w "$4/crds" || return 1
  fi
  echo "$4/crds"
}

# Crossplane, its command line, which renders compositions without containers, what it makes
# definitions of, and the folder of its own definitions.
crossplane_tools() {
  local bin
  bin=$(go_tools crossplane "$CROSSPLANE" 2 "" crossplane=github.com/crossplane/crossplane/v2/cmd/crossplane) || return 1
  export TESSERA_CROSSPLANE=$bin/crossplane
  bin=$(go_tools crossplane-cli "$CROSSPLANE_CLI" 3 "" crossplane=github.com/crossplane/cli/v2/cmd/crossplane) || return 1
  export TESSERA_CROSSPLANE_CLI=$bin/crossplane
  bin=$(go_tools crossplane-crd "$CROSSPLANE" 1 "" crossplane-crd=.) || return 1
  export TESSERA_CROSSPLANE_CRD=$bin/crossplane-crd
  TESSERA_CROSSPLANE_CRDS=$(module_files crossplane github.com/crossplane/crossplane/v2 cluster/crds "$bin/..") || return 1
  export TESSERA_CROSSPLANE_CRDS
}

# kro's controller, and the definitions that it brings.
kro_tools() {
  local bin module
  bin=$(go_tools kro "$KRO" 2 "" kro-controller=github.com/kubernetes-sigs/kro/cmd/controller) || return 1
  TESSERA_KRO_CRDS=$(module_files kro github.com/kubernetes-sigs/kro helm/crds "$bin/..") || return 1
  export TESSERA_KRO=$bin/kro-controller TESSERA_KRO_CRDS
}

# What makes pods ready: built by who asks, not by `./test`.
scheduling_tools() {
  local bin
  bin=$(kubernetes_tools kube-scheduler) || return 1
  export TESSERA_KUBE_SCHEDULER=$bin/kube-scheduler
  bin=$(go_tools kwok "$KWOK" 1 "" kwok=sigs.k8s.io/kwok/cmd/kwok) || return 1
  export TESSERA_KWOK=$bin/kwok
}

tool_kubectl() {
  local bin
  bin=$(kubernetes_tools kubectl) && echo "$bin/kubectl"
}
tool_helm() {
  local bin
  bin=$(go_tools helm "$HELM" 4 "" helm=helm.sh/helm/v4/cmd/helm) && echo "$bin/helm"
}
tool_jrsonnet() { cargo_tool jrsonnet "$JRSONNET" 5; }
tool_cargo_deny() { cargo_tool cargo-deny "$CARGO_DENY" 4; }

# KCL's interpreter is a Python library: the path is that of a Python which has it.
tool_kcl() {
  local folder=$tools/kcl-$KCL
  if [ ! -e "$folder/ready" ]; then
    have python3 "Python 3.8 or newer, to install KCL $KCL" || return 1
    say "installing KCL $KCL, once"
    python3 -m venv "$folder" >&2 && "$folder/bin/python" -m pip install --quiet "kcl-lib==$KCL" >&2 || return 1
    touch "$folder/ready"
  fi
  echo "$folder/bin/python"
}

. tools/clients.sh
