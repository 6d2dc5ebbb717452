# shellcheck shell=bash
# Other clients of the language server than our own extension, and what the tests hold messages
# against. Sourced by lib.sh.

# shellcheck disable=SC2154
: "${tools:?lib.sh sets it}"

META_MODEL=3.18.5
YAML_LANGUAGE_SERVER=2.0.0

# node_tool NAME VERSION: installs the packages that tools/NAME locks, once; their folder on stdout.
node_tool() {
  local folder=$tools/$1-$2 from=$PWD/tools/$1
  if [ ! -e "$folder/ready" ]; then
    have node "Node 20 or newer" && have npm "npm 10 or newer" || return 1
    say "installing $1 $2, once"
    mkdir -p "$folder" && cp "$from/package.json" "$from/package-lock.json" "$folder/" || return 1
    (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2) || return 1
    touch "$folder/ready"
  fi
  echo "$folder"
}

# The specification of the protocol in machine-readable form.
meta_model() {
  local folder top=$PWD model
  folder=$(node_tool meta-model "$META_MODEL") || return 1
  model=$folder/model.json
  # The program that makes it may be newer than what it made.
  if [ ! "$model" -nt "$top/tools/meta-model/generate.mjs" ]; then
    (cd "$folder" && node "$top/tools/meta-model/generate.mjs" >"$model.new") && mv "$model.new" "$model" || return 1
  fi
  echo "$model"
}

# The peer of the benchmark: its server's program for node.
tool_yaml_language_server() {
  local folder
  folder=$(node_tool yaml-language-server "$YAML_LANGUAGE_SERVER") || return 1
  echo "$folder/node_modules/yaml-language-server/bin/yaml-language-server"
}

# debian_tool PROGRAM PACKAGE…: an editor of the distribution; its path on stdout. Where the tests may
# install packages they do, else they say which.
debian_tool() {
  local program=$1
  shift
  # Of one package the program tells whether it is there; of several, the distribution.
  if ! command -v "$program" >/dev/null 2>&1 || { [ $# -gt 1 ] && ! dpkg -s "$@" >/dev/null 2>&1; }; then
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
      echo "missing: $program (on Debian: apt-get install $*)" >&2
      return 1
    fi
    say "installing $*, once"
    # A run beside this one may hold the lock for a while.
    local apt=(apt-get -qq -o DPkg::Lock::Timeout=600)
    { "${apt[@]}" update && DEBIAN_FRONTEND=noninteractive "${apt[@]}" install -y --no-install-recommends "$@"; } >&2 || return 1
  fi
  command -v "$program"
}

# What the tests of the language server need.
client_tools() {
  TESSERA_META_MODEL=$(meta_model) || return 1
  TESSERA_NVIM=$(debian_tool nvim neovim) || return 1
  TESSERA_EMACS=$(debian_tool emacs emacs-nox elpa-eglot) || return 1
  export TESSERA_META_MODEL TESSERA_NVIM TESSERA_EMACS
}
