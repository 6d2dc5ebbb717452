// Places for the boxes of a layered graph: a column for each layer, the order
// in a column such that few arrows cross, arrows that pass a column go between
// its boxes. Pure: the same graph gives the same drawing.

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
  between: 90,
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
  const layers = [...new Set(nodes.map(node => node.layer))].sort((a, b) => a - b);
  const columnOf = new Map(layers.map((layer, column) => [layer, column]));
  const slots: Slot[][] = layers.map(() => []);
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
  const boxSlots = nodes.map((node, index) => add(columnOf.get(node.layer) ?? 0, index));
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

  const width = Math.min(SIZES.most, Math.max(SIZES.least, ...nodes.map(node => longest(node) * SIZES.letter + 24)));
  const heights = slots.map(stack);
  const height = Math.max(0, ...heights);
  slots.forEach((column, index) => {
    const down = SIZES.margin + (height - (heights[index] ?? 0)) / 2;
    for (const slot of column) {
      slot.y += down;
    }
  });
  const x = (column: number) => SIZES.margin + column * (width + SIZES.between);
  const boxes = boxSlots.map((slot, index) => {
    const node = nodes[index] as GraphNode;
    return { node, index, x: x(slot.column), y: slot.y, width, height: SIZES.height };
  });
  const arrows = ways.flatMap(({ edge, from, to, passed }) => {
    const [a, b] = [boxes[from], boxes[to]];
    return a === undefined || b === undefined ? [] : [{ edge, from, to, points: points(a, b, passed, x, width) }];
  });
  return {
    boxes,
    arrows,
    columns: slots.map(column => column.flatMap(slot => slot.box ?? [])),
    width: x(layers.length - 1) + width + SIZES.margin,
    height: height + 2 * SIZES.margin,
  };
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
