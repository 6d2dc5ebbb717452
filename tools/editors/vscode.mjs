// The extension in VS Code's own workbench: what a person does, step by step,
// on a copy of an example, and what is then to be seen.
//
//   node vscode.mjs --code-server DIR --browser PROGRAM --vsix FILE --tessera PROGRAM --out DIR [STEP…]
//
// Each step prints `ok` or `FAILED`; of one that failed a picture is kept. The
// last line counts. With words at the end, only steps with one of them run.

import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { steps } from "./steps.mjs";
import { Workbench } from "./workbench.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    "code-server": { type: "string" },
    browser: { type: "string" },
    vsix: { type: "string" },
    tessera: { type: "string" },
    out: { type: "string" },
  },
});
const example = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../examples/financial-backend");
const out = path.resolve(values.out);
const folder = path.join(out, "run");
const project = path.join(folder, "financial-backend");

fs.rmSync(out, { recursive: true, force: true });
fs.mkdirSync(folder, { recursive: true });
fs.cpSync(example, project, { recursive: true });

const started = Date.now();
let [passed, failed] = [0, 0];
let workbench;
try {
  workbench = await Workbench.start({
    codeServer: path.resolve(values["code-server"]),
    browser: values.browser,
    extension: path.resolve(values.vsix),
    folder,
    project,
    size: { width: 1280, height: 800 },
    settings: { "workbench.colorTheme": "Default Dark Modern" },
  });
  console.log(`VS Code stands after ${seconds(started)}`);
} catch (error) {
  console.log(`FAILED the workbench does not start\n       ${error.stack}`);
  console.log("0 passed, 1 failed");
  process.exit(1);
}
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, async () => {
    await workbench.stop();
    process.exit(1);
  });
}
const world = { workbench, project, example, out, tessera: path.resolve(values.tessera) };
for (const [name, step] of steps(world)) {
  if (positionals.length > 0 && !positionals.some(word => name.includes(word))) continue;
  const begun = Date.now();
  try {
    await reset();
    await step();
    passed++;
    console.log(`ok     ${name} (${seconds(begun)})`);
  } catch (error) {
    failed++;
    const picture = path.join(out, `failed-${failed}.png`);
    await workbench.screenshot(picture).catch(() => {});
    console.log(`FAILED ${name} (${seconds(begun)})\n       ${error.message.split("\n").slice(0, 12).join("\n       ")}\n       ${picture}`);
  }
}
await workbench.stop();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);

/** Everything closed, the project as it was, the server at rest. */
async function reset() {
  for (let i = 0; i < 3; i++) await workbench.press("Escape");
  await workbench.closeAll();
  for (const name of fs.readdirSync(example, { recursive: true })) {
    const [from, to] = [path.join(example, name), path.join(project, name)];
    const isSame = () => fs.existsSync(to) && fs.readFileSync(from).equals(fs.readFileSync(to));
    if (fs.statSync(from).isFile() && !isSame()) fs.copyFileSync(from, to);
  }
  for (const name of fs.readdirSync(project, { recursive: true })) {
    if (!fs.existsSync(path.join(example, name))) fs.rmSync(path.join(project, name), { recursive: true, force: true });
  }
  await workbench.isReady();
}

function seconds(since) {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}
