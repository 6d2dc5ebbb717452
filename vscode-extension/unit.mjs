// Runs the tests in tests/unit: node unit.mjs OUT, with OUT for what is built.

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";

const [out] = process.argv.slice(2);
const here = path.dirname(fileURLToPath(import.meta.url));
const folder = path.resolve(out ?? path.join(here, "../target/vscode"), "unit");
const tests = fs.readdirSync(path.join(here, "tests/unit")).filter(name => name.endsWith(".test.ts"));
fs.rmSync(folder, { recursive: true, force: true });
await esbuild.build({
  entryPoints: tests.map(name => path.join(here, "tests/unit", name)),
  outdir: folder,
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  outExtension: { ".js": ".cjs" },
  logLevel: "warning",
});
try {
  const built = tests.map(name => path.join(folder, name.replace(/\.ts$/, ".cjs")));
  execFileSync(process.execPath, ["--test", "--test-reporter=spec", ...built], { stdio: "inherit" });
} catch {
  process.exit(1);
}
