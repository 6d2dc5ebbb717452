import assert from "node:assert/strict";
import { test } from "node:test";
import type { GraphEdge, GraphNode } from "../../src/protocol";
import { layout, path } from "../../src/webview/layout";

function node(id: string, layer: number): GraphNode {
  return { id, title: id, detail: "ConfigMap", layer, source: null };
}

function edge(from: string, to: string): GraphEdge {
  return { from, to, label: null };
}

test("boxes stand in columns and never on each other", () => {
  const nodes = Array.from({ length: 60 }, (_, i) => node(`n${i}`, i % 4));
  const edges = nodes.flatMap((_, i) => [edge(`n${i}`, `n${(i * 7) % 60}`), edge(`n${(i * 11) % 60}`, `n${i}`)]);
  const { boxes, columns, arrows, width, height } = layout(nodes, edges);
  assert.ok(columns.length >= 4);
  assert.equal(columns.flat().length, 60);
  assert.equal(arrows.length, 120);
  for (const a of boxes) {
    assert.ok(a.x >= 0 && a.y >= 0 && a.x + a.width <= width && a.y + a.height <= height);
    for (const b of boxes) {
      assert.ok(a === b || a.x !== b.x || a.y + a.height <= b.y || b.y + b.height <= a.y, `${a.index} on ${b.index}`);
    }
  }
});

test("two crossing arrows are made straight", () => {
  const nodes = [node("a", 0), node("b", 0), node("c", 1), node("d", 1)];
  const { columns } = layout(nodes, [edge("a", "d"), edge("b", "c")]);
  assert.deepEqual(columns, [
    [0, 1],
    [3, 2],
  ]);
});

test("inside a layer, what is read stands left of what reads it, and what has no arrows below", () => {
  const nodes = [node("a", 0), node("b", 0), node("c", 0), node("alone", 0)];
  const { boxes, columns } = layout(nodes, [edge("a", "b"), edge("b", "c")]);
  assert.deepEqual(columns, [[2, 3], [1], [0]]);
  assert.ok((boxes[3]?.y ?? 0) > (boxes[2]?.y ?? 0) + (boxes[2]?.height ?? 0));
});

test("a circle ends", () => {
  const nodes = [node("a", 0), node("b", 0)];
  assert.equal(layout(nodes, [edge("a", "b"), edge("b", "a")]).boxes.length, 2);
});

test("an arrow over a column goes between its boxes", () => {
  const nodes = [node("a", 1), node("b", 2), node("c", 5)];
  const { arrows, boxes } = layout(nodes, [edge("a", "c"), edge("a", "b"), edge("b", "c")]);
  const passed = arrows[0]?.points.slice(1, -1) ?? [];
  const middle = boxes[1];
  assert.ok(middle !== undefined && passed.length === 2);
  assert.ok(passed.every(point => point.y < middle.y || point.y > middle.y + middle.height));
});

test("what is not there, loops and nothing at all are no trouble", () => {
  assert.deepEqual(layout([], []).boxes, []);
  const { arrows } = layout([node("a", 0), node("b", 0)], [edge("a", "x"), edge("a", "a"), edge("b", "a")]);
  assert.equal(arrows.length, 2);
  assert.ok(arrows.every(arrow => path(arrow).startsWith("M") && !path(arrow).includes("NaN")));
});
