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
const packed = path.resolve(out, "tessera.vsix");
const program = binary === undefined ? undefined : path.resolve(binary);
const from = name => path.join(here, name);
const to = name => path.join(folder, name);

fs.rmSync(folder, { recursive: true, force: true });
fs.mkdirSync(folder, { recursive: true });

const shared = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
};
const { metafile } = await esbuild.build({
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

// The licences of what is bundled.
const bundled = new Set(
  Object.keys(metafile.inputs).flatMap(input => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? []),
);
const licences = [...bundled].sort().map(name => {
  const file = fs.readdirSync(from(name)).find(entry => /^licen[cs]e/i.test(entry));
  const title = name.slice(name.lastIndexOf("node_modules/") + "node_modules/".length);
  const { license } = JSON.parse(fs.readFileSync(path.join(from(name), "package.json"), "utf8"));
  return `# ${title}\n\n${file === undefined ? license : fs.readFileSync(path.join(from(name), file), "utf8").trim()}\n`;
});
fs.writeFileSync(to("dist/LICENSES.txt"), licences.join("\n"));

const target = [];
if (program !== undefined) {
  const placed = to(process.platform === "win32" ? "bin/tessera.exe" : "bin/tessera");
  fs.mkdirSync(to("bin"));
  fs.copyFileSync(program, placed);
  fs.chmodSync(placed, 0o755);
  target.push("--target", `${process.platform}-${process.arch}`);
}
const vsce = from("node_modules/@vscode/vsce/vsce");
execFileSync(
  process.execPath,
  [vsce, "package", "--no-dependencies", "--skip-license", "--allow-missing-repository", ...target, "--out", packed],
  { cwd: folder, stdio: ["ignore", "inherit", "inherit"] },
);
