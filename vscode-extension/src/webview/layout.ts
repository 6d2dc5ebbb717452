// Places for the boxes of a layered graph: columns such that what is read stands
// left of what reads it, an order in each column such that few arrows cross,
// arrows that pass a column between its boxes, and below all of it the boxes
// without arrows. Pure: the same graph gives the same drawing.

import type { GraphEdge, GraphNode } from "../protocol";

export interface Box {
  node: GraphNode;
  index: number;
  x: number;
  y: number;
  width: number;
  height: number;
}

interface Point {
  x: number;
  y: number;
}

export interface Arrow {
  edge: GraphEdge;
  from: number;
  to: number;
  /** From the border of one box to that of the other; where it passes columns, a point for each. */
  points: Point[];
}

export interface Drawing {
  boxes: Box[];
  arrows: Arrow[];
  /** The boxes of each column from the top, by index. */
  columns: number[][];
  width: number;
  height: number;
}

/** What a column holds: a box, or where an arrow passes. */
interface Slot {
  /** The box's index; `undefined` where an arrow passes. */
  box: number | undefined;
  column: number;
  order: number;
  y: number;
  height: number;
  before: Slot[];
  after: Slot[];
}

export const SIZES = {
  height: 44,
  gap: 14,
  passing: 6,
  between: 64,
  /** Above the boxes without arrows. */
  apart: 40,
  margin: 16,
  /** Of one letter, about. */
  letter: 7.4,
  least: 120,
  most: 280,
};

/** How often the columns are put in order, forwards and back. */
const SWEEPS = 6;
/** More columns than these are not passed by arrows one by one. */
const MAX_SLOTS = 20_000;

export function layout(nodes: GraphNode[], edges: GraphEdge[]): Drawing {
  const columnOf = columnsOf(nodes, edges);
  const used = columnOf.reduce((most: number, column) => Math.max(most, (column ?? -1) + 1), 0);
  const slots: Slot[][] = Array.from({ length: used }, () => []);
  const add = (column: number, box: number | undefined): Slot => {
    const slot: Slot = {
      box,
      column,
      order: 0,
      y: 0,
      height: box === undefined ? SIZES.passing : SIZES.height,
      before: [],
      after: [],
    };
    slots[column]?.push(slot);
    return slot;
  };
  const boxSlots = columnOf.map((column, index) => (column === undefined ? undefined : add(column, index)));
  const indexOf = new Map(nodes.map((node, index) => [node.id, index]));
  let count = nodes.length;

  const ways: { edge: GraphEdge; from: number; to: number; passed: Slot[] }[] = [];
  for (const edge of edges) {
    const [from, to] = [indexOf.get(edge.from), indexOf.get(edge.to)];
    const [start, end] = [boxSlots[from ?? -1], boxSlots[to ?? -1]];
    if (from === undefined || to === undefined || start === undefined || end === undefined) {
      continue;
    }
    const passed: Slot[] = [];
    const [left, right] = start.column <= end.column ? [start, end] : [end, start];
    let at = left;
    for (let column = left.column + 1; column < right.column && count < MAX_SLOTS; column++, count++) {
      const slot = add(column, undefined);
      passed.push(slot);
      link(at, slot);
      at = slot;
    }
    if (left.column !== right.column) {
      link(at, right);
    }
    ways.push({ edge, from, to, passed: left === start ? passed : passed.reverse() });
  }
  arrange(slots);

  const wanted = nodes.map(node => longest(node) * SIZES.letter + 24);
  const width = Math.min(SIZES.most, Math.max(SIZES.least, ...wanted));
  const heights = slots.map(stack);
  const height = Math.max(0, ...heights);
  slots.forEach((column, index) => {
    const down = SIZES.margin + (height - (heights[index] ?? 0)) / 2;
    for (const slot of column) {
      slot.y += down;
    }
  });
  const x = (column: number) => SIZES.margin + column * (width + SIZES.between);
  const columns = slots.map(column => column.flatMap(slot => slot.box ?? []));
  // Those without arrows, in rows.
  const alone = nodes.length - boxSlots.filter(slot => slot !== undefined).length;
  const across = alone === 0 ? used : Math.max(used, Math.min(alone, Math.ceil(Math.sqrt(alone / 2))));
  const below = SIZES.margin + (height === 0 ? 0 : height + SIZES.apart);
  const pitch = SIZES.height + SIZES.gap;
  let placed = 0;
  const boxes = nodes.map((node, index): Box => {
    const slot = boxSlots[index];
    if (slot !== undefined) {
      return { node, index, x: x(slot.column), y: slot.y, width, height: SIZES.height };
    }
    const [row, column] = [Math.floor(placed / across), placed % across];
    placed++;
    columns[column] = [...(columns[column] ?? []), index];
    return { node, index, x: x(column), y: below + row * pitch, width, height: SIZES.height };
  });
  const arrows = ways.flatMap(({ edge, from, to, passed }) => {
    const [a, b] = [boxes[from], boxes[to]];
    return a === undefined || b === undefined ? [] : [{ edge, from, to, points: points(a, b, passed, x, width) }];
  });
  return {
    boxes,
    arrows,
    columns,
    width: x(across - 1) + width + SIZES.margin,
    height: alone === 0 ? height + 2 * SIZES.margin : below + Math.ceil(alone / across) * pitch + SIZES.margin,
  };
}

/**
 * The column of each box: by layer, and inside a layer right of what it reads there;
 * `undefined` for a box without arrows.
 */
function columnsOf(nodes: GraphNode[], edges: GraphEdge[]): (number | undefined)[] {
  const byId = new Map(nodes.map((node, index) => [node.id, index]));
  const reads: number[][] = nodes.map(() => []);
  const touched = nodes.map(() => false);
  for (const { from, to } of edges) {
    const [a, b] = [byId.get(from), byId.get(to)];
    if (a !== undefined && b !== undefined) {
      touched[a] = true;
      touched[b] = true;
      if (a !== b && nodes[a]?.layer === nodes[b]?.layer) {
        reads[a]?.push(b);
      }
    }
  }
  // As often as there are boxes at most, so that a circle ends.
  const depth = nodes.map(() => 0);
  for (let round = 0, isStill = false; !isStill && round < nodes.length; round++) {
    isStill = true;
    reads.forEach((others, index) => {
      const deepest = Math.max(-1, ...others.map(other => depth[other] ?? 0)) + 1;
      if (deepest > (depth[index] ?? 0) && deepest < nodes.length) {
        depth[index] = deepest;
        isStill = false;
      }
    });
  }
  const key = (index: number) => (nodes[index]?.layer ?? 0) * (nodes.length + 1) + (depth[index] ?? 0);
  const keys = [...new Set(nodes.flatMap((_, index) => (touched[index] ? key(index) : [])))].sort((a, b) => a - b);
  return nodes.map((_, index) => (touched[index] ? keys.indexOf(key(index)) : undefined));
}

function link(before: Slot, after: Slot): void {
  before.after.push(after);
  after.before.push(before);
}

/** The letters of the longer line of a box. */
function longest(node: GraphNode): number {
  return Math.max(node.title.length, node.detail.length * 0.9);
}

/** Orders each column by the middle of its neighbours, from the left and from the right in turn. */
function arrange(columns: Slot[][]): void {
  const number = (column: Slot[]) => {
    column.forEach((slot, order) => {
      slot.order = order;
    });
  };
  columns.forEach(number);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const forwards = sweep % 2 === 0;
    for (const column of forwards ? columns : [...columns].reverse()) {
      const middle = new Map(column.map(slot => [slot, average(forwards ? slot.before : slot.after, slot.order)]));
      column.sort((a, b) => (middle.get(a) ?? 0) - (middle.get(b) ?? 0) || a.order - b.order);
      number(column);
    }
  }
}

function average(slots: Slot[], otherwise: number): number {
  return slots.length === 0 ? otherwise : slots.reduce((sum, slot) => sum + slot.order, 0) / slots.length;
}

/** Puts the slots below each other; the height of all. */
function stack(column: Slot[]): number {
  let y = 0;
  for (const slot of column) {
    slot.y = y;
    y += slot.height + SIZES.gap;
  }
  return Math.max(0, y - SIZES.gap);
}

function points(a: Box, b: Box, passed: Slot[], x: (column: number) => number, width: number): Point[] {
  const middle = (box: Box) => box.y + box.height / 2;
  if (a.x === b.x) {
    // In one column: out to the right and back.
    return [
      { x: a.x + a.width, y: middle(a) },
      { x: b.x + b.width, y: middle(b) },
    ];
  }
  const forwards = a.x < b.x;
  const between = passed.flatMap(slot => {
    const y = slot.y + slot.height / 2;
    const [left, right] = [
      { x: x(slot.column), y },
      { x: x(slot.column) + width, y },
    ];
    return forwards ? [left, right] : [right, left];
  });
  return [
    { x: forwards ? a.x + a.width : a.x, y: middle(a) },
    ...between,
    { x: forwards ? b.x : b.x + b.width, y: middle(b) },
  ];
}

/** The path of an arrow, rounded between its points. */
export function path({ points }: Arrow): string {
  const [first, ...rest] = points;
  if (first === undefined) {
    return "";
  }
  let d = `M${first.x} ${first.y}`;
  let at = first;
  for (const to of rest) {
    const bend = to.x === at.x ? SIZES.between / 2 : (to.x - at.x) / 2;
    const second = to.x === at.x ? to.x + bend : to.x - bend;
    d += to.y === at.y ? ` H${to.x}` : ` C${at.x + bend} ${at.y} ${second} ${to.y} ${to.x} ${to.y}`;
    at = to;
  }
  return d;
}
