// Holds the TextMate grammar against the compiler: in every source file given,
// keywords, strings and comments have to get the class that the compiler's
// tree gives them.
//
//   node grammar.mjs TESSERA FILE…
//
// TESSERA is the program. The last line counts files.

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const extension = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../vscode-extension");
const require = createRequire(path.join(extension, "package.json"));
const { Registry, INITIAL, parseRawGrammar } = require("vscode-textmate");
const { loadWASM, OnigScanner, OnigString } = require("vscode-oniguruma");

const [tessera, ...files] = process.argv.slice(2);
await loadWASM(fs.readFileSync(path.join(path.dirname(require.resolve("vscode-oniguruma")), "onig.wasm")));
const source = path.join(extension, "syntaxes/tessera.tmLanguage.json");
const registry = new Registry({
  onigLib: Promise.resolve({
    createOnigScanner: patterns => new OnigScanner(patterns),
    createOnigString: text => new OnigString(text),
  }),
  loadGrammar: async () => parseRawGrammar(fs.readFileSync(source, "utf8"), source),
});
const grammar = await registry.loadGrammar("source.tessera");

/** The class of scopes: what the innermost says, inside `${}` not of what is around. */
function classOf(scopes) {
  const inside = scopes.slice(scopes.lastIndexOf("meta.embedded.expression.tessera") + 1);
  if (inside.some(scope => scope.startsWith("comment."))) return "comment";
  if (inside.some(scope => scope.startsWith("punctuation.section.embedded."))) return "other";
  if (inside.some(scope => scope.startsWith("string."))) return "string";
  return inside.some(scope => /^keyword\.(declaration|control|other)\./.test(scope)) ? "keyword" : "other";
}

/** The class of a leaf of the compiler's tree; `undefined` where either is right. */
function expected(kind, text) {
  switch (kind) {
    case "Comment":
    case "DocComment":
      return "comment";
    case "Text":
    case "OtherString":
      return "string";
    case "Keyword":
      return "keyword";
    case "Blank":
    case "Newline":
      return undefined;
    case "Operator":
      // `in` as an operator looks like that of a loop.
      return text === "in" ? undefined : "other";
    case "Punct":
      return text.startsWith('"') ? "string" : "other";
    default:
      return "other";
  }
}

/** The class of each character of each line. */
function classes(lines) {
  let state = INITIAL;
  return lines.map(line => {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
    state = ruleStack;
    return Array.from({ length: line.length }, (_, at) => {
      const token = tokens.find(({ startIndex, endIndex }) => startIndex <= at && at < endIndex);
      return classOf(token?.scopes ?? []);
    });
  });
}

function differences(file) {
  const lines = fs.readFileSync(file, "utf8").split(/\r?\n/);
  const ours = classes(lines);
  const found = [];
  const leaves = execFileSync(tessera, ["dump", "tokens", file], { encoding: "utf8", maxBuffer: 1 << 28 });
  for (const leaf of leaves.split("\n")) {
    const parts = /^(\d+):(\d+) (\w+)(?:\(\w+\))? (".*")$/.exec(leaf);
    if (parts === null) continue;
    const text = unescaped(parts[4]);
    const wanted = expected(parts[3], text);
    if (wanted === undefined || text === "") continue;
    let [line, column] = [Number(parts[1]) - 1, columnOf(lines[Number(parts[1]) - 1], Number(parts[2]))];
    for (const part of text.split(/\r?\n/)) {
      for (let at = column; at < column + part.length; at++) {
        const got = ours[line]?.[at];
        // The blanks before a line of a text block may be either.
        if (got !== wanted && !/\s/.test(lines[line][at])) {
          found.push(`${file}:${line + 1}:${at + 1}: ${parts[3]} ${parts[4]} is ${got}, not ${wanted}`);
          break;
        }
      }
      line++;
      column = 0;
    }
  }
  return found;
}

/** The text of Rust's debug form. */
function unescaped(text) {
  return text.slice(1, -1).replace(/\\(u\{([0-9a-f]+)\}|.)/g, (_, escape, code) => {
    if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16));
    return { n: "\n", r: "\r", t: "\t", 0: "\0" }[escape] ?? escape;
  });
}

/** The compiler counts characters, JavaScript UTF-16 units. */
function columnOf(line, column) {
  return [...line].slice(0, column - 1).join("").length;
}

let failed = 0;
for (const file of files) {
  const found = differences(file);
  if (found.length > 0) {
    failed++;
    console.log(`FAILED ${file}`);
    console.log(found.slice(0, 10).join("\n"));
  }
}
console.log(`${files.length - failed} passed, ${failed} failed`);
process.exit(failed > 0 || files.length === 0 ? 1 : 0);
