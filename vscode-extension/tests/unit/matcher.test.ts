import assert from "node:assert/strict";
import { test } from "node:test";
import manifest from "../../package.json";

test("the problem matcher reads what `tessera check` draws", () => {
  const [first, second] = manifest.contributes.problemMatchers[0]?.pattern ?? [];
  assert.ok(first !== undefined && second !== undefined);
  const head = new RegExp(first.regexp).exec("error[E0302]: a core/v1/Container has no field `comand`");
  assert.deepEqual(head?.slice(1), ["error", "E0302", "a core/v1/Container has no field `comand`"]);
  const place = new RegExp(second.regexp).exec("    ╭─[ src/website.tess:26:13 ]");
  assert.deepEqual(place?.slice(1), ["src/website.tess", "26", "13"]);
});
