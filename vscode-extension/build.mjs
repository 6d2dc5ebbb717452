// Makes the extension's folder, and of it a .vsix that needs nothing else:
//
//   node build.mjs OUT [BINARY]
//
// OUT/extension is what VS Code loads, OUT/tessera.vsix the same packed, with
// the program BINARY in it where one is given. Nothing is fetched.

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";

const [out, binary] = process.argv.slice(2);
if (out === undefined) {
  console.error("usage: node build.mjs OUT [BINARY]");
  process.exit(2);
}
const here = path.dirname(fileURLToPath(import.meta.url));
const folder = path.resolve(out, "extension");
const from = name => path.join(here, name);
const to = name => path.join(folder, name);

fs.rmSync(folder, { recursive: true, force: true });
fs.mkdirSync(folder, { recursive: true });

const shared = { bundle: true, minify: true, legalComments: "linked", logLevel: "warning" };
await esbuild.build({
  ...shared,
  entryPoints: [from("src/extension.ts")],
  outfile: to("dist/extension.js"),
  platform: "node",
  format: "cjs",
  target: "node20",
  external: ["vscode"],
});
await esbuild.build({
  ...shared,
  entryPoints: [from("src/webview/preview.ts"), from("src/webview/graph.ts")],
  outdir: to("dist"),
  platform: "browser",
  format: "iife",
  target: "chrome120",
});

for (const name of [
  "README.md",
  "CHANGELOG.md",
  "language-configuration.json",
  "icons",
  "media",
  "snippets",
  "syntaxes",
]) {
  fs.cpSync(from(name), to(name), { recursive: true });
}
fs.copyFileSync(from("src/webview/webview.css"), to("dist/webview.css"));
const {
  scripts: _,
  dependencies: _bundled,
  devDependencies: _tools,
  ...manifest
} = JSON.parse(fs.readFileSync(from("package.json"), "utf8"));
fs.writeFileSync(to("package.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);

const target = [];
if (binary !== undefined) {
  const windows = process.platform === "win32";
  const program = to(windows ? "bin/tessera.exe" : "bin/tessera");
  fs.mkdirSync(to("bin"));
  fs.copyFileSync(binary, program);
  fs.chmodSync(program, 0o755);
  target.push("--target", `${process.platform}-${process.arch}`);
}
const vsce = from("node_modules/@vscode/vsce/vsce");
const packed = path.resolve(out, "tessera.vsix");
execFileSync(
  process.execPath,
  [vsce, "package", "--no-dependencies", "--skip-license", "--allow-missing-repository", ...target, "--out", packed],
  { cwd: folder, stdio: ["ignore", "inherit", "inherit"] },
);
