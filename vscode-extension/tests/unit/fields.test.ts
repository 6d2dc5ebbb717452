import assert from "node:assert/strict";
import { test } from "node:test";
import { fields } from "../../src/fields";

const OBJECT = `apiVersion: apps/v1
metadata:
  labels:
    app.kubernetes.io/name: shop
    "a: b": "c: d"
spec:
  containers:
  - name: web
    args:
    - --port
    - "8080"
    ports: []
  - name: side
    matrix:
    - - 1
      - 2
  script: |
    if: true
      - x: 1
  after: null`;

test("every field has the path that `tessera why` takes", () => {
  assert.deepEqual(
    fields(OBJECT.split("\n")).map(field => [field.path, field.value]),
    [
      [".apiVersion", "apps/v1"],
      [".metadata", ""],
      [".metadata.labels", ""],
      ['.metadata.labels["app.kubernetes.io/name"]', "shop"],
      ['.metadata.labels["a: b"]', '"c: d"'],
      [".spec", ""],
      [".spec.containers", ""],
      [".spec.containers[0].name", "web"],
      [".spec.containers[0].args", ""],
      [".spec.containers[0].args[0]", "--port"],
      [".spec.containers[0].args[1]", '"8080"'],
      [".spec.containers[0].ports", "[]"],
      [".spec.containers[1].name", "side"],
      [".spec.containers[1].matrix", ""],
      [".spec.containers[1].matrix[0][0]", "1"],
      [".spec.containers[1].matrix[0][1]", "2"],
      [".spec.script", "|"],
      [".spec.after", "null"],
    ],
  );
});
