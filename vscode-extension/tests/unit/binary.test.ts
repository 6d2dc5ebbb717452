import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { find, older, Unusable } from "../../src/binary";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tessera-binary-"));
after(() => fs.rmSync(folder, { recursive: true, force: true }));

/** A program that says this of itself. */
function program(at: string, says: string, then = ""): string {
  const file = path.join(folder, at);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `#!/bin/sh\necho "${says}"\n${then}\n`, { mode: 0o755 });
  return file;
}

function search(setting: string, extension = "none", searchPath = ""): Parameters<typeof find>[0] {
  return { setting, extension: path.join(folder, extension), searchPath };
}

test("the setting comes first, then the extension's, then that of PATH", async () => {
  const set = program("set/other", "tessera 3.0.0");
  program("extension/bin/tessera", "tessera 2.0.0");
  program("path/tessera", "tessera 1.0.0");
  const onPath = path.join(folder, "path");
  assert.deepEqual(await find(search(set, "extension", onPath)), {
    path: set,
    version: "3.0.0",
    origin: "the setting tessera.path",
  });
  assert.equal((await find(search("", "extension", onPath))).version, "2.0.0");
  assert.equal((await find(search("", "none", `relative:${onPath}`))).version, "1.0.0");
  assert.equal((await find(search("tessera", "extension", onPath))).version, "1.0.0");
});

test("the extension's program is made one that can be run", async () => {
  fs.chmodSync(program("unpacked/bin/tessera", "tessera 2.0.0"), 0o644);
  assert.equal((await find(search("", "unpacked"))).version, "2.0.0");
});

test("what cannot be used says so, and nothing else is taken in its place", async () => {
  program("extension/bin/tessera", "tessera 2.0.0");
  const says = async (setting: string, extension: string, pattern: RegExp) =>
    assert.rejects(find(search(setting, extension)), (error: unknown) => {
      assert.ok(error instanceof Unusable);
      assert.match(error.message, pattern);
      return true;
    });
  await says("/nowhere/tessera", "extension", /tessera\.path is “\/nowhere\/tessera”, and there is no program/);
  await says(program("old", "tessera 0.0.9"), "extension", /is Tessera 0\.0\.9; this extension needs/);
  await says(program("dumb", "tessera 0.1.0", "[ $1 = --version ]"), "extension", /which has no language server/);
  await says(program("alien", "hello"), "extension", /is not Tessera: it calls itself “hello”/);
  await says("", "none", /was not found/);
});

test("versions compare by number", () => {
  assert.ok(older("0.9.0", "0.10.0"));
  assert.ok(!older("1.0.0-beta", "1.0.0"));
  assert.ok(!older("1.2.0", "1.1.9"));
});
