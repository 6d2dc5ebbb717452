# shellcheck shell=bash
# The editors that tests start, and the extension for VS Code. Sourced after lib.sh.
# VS Code itself is code-server's, from npm, in Debian's Chromium.

# Of the line for Node 20: it is a third as large as the newest.
CODE_SERVER=4.100.3

extension=vscode-extension
editors=.cache/editors

# packages FOLDER: what its lock file names, once.
packages() {
  local sum
  have npm "Node.js 20 or newer" || return 1
  sum=$(sha256sum <"$1/package-lock.json")
  [ "$(cat "$1/node_modules/.installed" 2>/dev/null)" = "$sum" ] && return 0
  (cd "$1" && npm ci --ignore-scripts --loglevel=error) >&2 && echo "$sum" >"$1/node_modules/.installed"
}

# Builds a native module with the node-gyp that npm brings, with Node's own headers where they are.
native() {
  local gyp node
  gyp=$(dirname "$(readlink -f "$(command -v npm)")")/../node_modules/node-gyp/bin/node-gyp.js
  node=$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")
  [ -d "$node/include/node" ] && set -- "$1" "--nodedir=$node"
  (cd "$1" && node "$gyp" rebuild --silent "${@:2}") >&2
}

# VS Code's workbench; its folder on stdout. Its modules' own install steps fetch
# programs from elsewhere, so what is needed of them is built or linked here.
code_server() {
  local folder=$tools/code-server-$CODE_SERVER new=$tools/code-server.$$ vscode started=$SECONDS rg
  if [ ! -d "$folder" ]; then
    have g++ "a C++ compiler, for code-server's modules" && have make "make, for code-server's modules" || return 1
    case $(node --version) in
      v20.*) ;;
      *) echo "missing: Node.js 20, which code-server $CODE_SERVER runs on" >&2 && return 1 ;;
    esac
    rg=$(debian_tool rg ripgrep) || return 1
    say "installing code-server $CODE_SERVER, once; about a minute"
    vscode=$new/node_modules/code-server/lib/vscode
    mkdir -p "$new" && echo '{ "private": true }' >"$new/package.json" &&
      (cd "$new" && npm install "code-server@$CODE_SERVER" --ignore-scripts --loglevel=error) >&2 &&
      (cd "$new" && npm_config_build_from_source=true npm rebuild argon2 --loglevel=error) >&2 &&
      (cd "$vscode" && npm install --omit=dev --ignore-scripts --loglevel=error) >&2 &&
      native "$vscode/node_modules/@vscode/spdlog" &&
      native "$vscode/node_modules/node-pty" &&
      native "$vscode/node_modules/native-watchdog" &&
      mkdir -p "$vscode/node_modules/@vscode/ripgrep/bin" &&
      ln -s "$rg" "$vscode/node_modules/@vscode/ripgrep/bin/rg" &&
      mv "$new" "$folder" || { rm -rf "$new"; return 1; }
    echo "   installed in $((SECONDS - started)) s" >&2
  fi
  echo "$folder/node_modules/code-server"
}

# told NAME COMMAND…: a command whose last line says `N passed, M failed`.
told() {
  local name=$1 log=$logs/told.log numbers
  shift
  say "$name"
  "$@" 2>&1 | tee "$log"
  numbers=$(tail -n 1 "$log" | awk '/^[0-9]+ passed, [0-9]+ failed$/ { print $1, $3 }')
  # shellcheck disable=SC2086
  set -- ${numbers:-0 1}
  pass "$1"
  [ "$2" -eq 0 ] || fail "$2" "$name"
}

# vsix TESSERA: makes the .vsix with that program in it.
vsix() { node $extension/build.mjs "${CARGO_TARGET_DIR:-target}/vscode" "$1"; }

# workbench TESSERA [STEP…]: the extension in VS Code; pictures of it are kept.
workbench() {
  local tessera=$1 server browser
  shift
  server=$(code_server) && browser=$(debian_tool chromium chromium) && packages tools/editors || return 1
  node tools/editors/vscode.mjs --code-server "$server" --browser "$browser" --tessera "$tessera" \
    --vsix "${CARGO_TARGET_DIR:-target}/vscode/tessera.vsix" --out $editors/vscode "$@"
}

# vscode_tests TESSERA: all that there is to test about the extension.
vscode_tests() {
  local tessera=$1
  if ! have npm "Node.js 20 or newer, for the extension for VS Code"; then
    skip "the extension for VS Code: there is no Node.js"
    return
  fi
  step "the extension's packages" packages $extension
  step "the extension's types and lints" npm --prefix $extension run --silent check
  step "the extension's own tests" node $extension/unit.mjs "${CARGO_TARGET_DIR:-target}/vscode"
  step "what the grammar of editors says of written cases" \
    sh -c "cd $extension && node_modules/.bin/vscode-tmgrammar-test 'tests/grammar/*.test.tess'"
  # Those of syntax are wrong on purpose, those of crds hold YAML.
  # shellcheck disable=SC2046
  told "the grammar of editors on every source" node tools/editors/grammar.mjs "$tessera" \
    $(find examples stdlib/std compiler bench tests/suite -name '*.tess' | grep -Ev '^tests/suite/(crds|syntax)/' | sort)
  step "the extension's package" vsix "$tessera"
  if code_server >/dev/null && debian_tool chromium chromium >/dev/null; then
    told "the extension in VS Code's own workbench" workbench "$tessera"
  else
    skip "the extension in VS Code's own workbench: code-server or Chromium could not be installed"
  fi
}
