// The graph of resources: boxes and arrows as SVG, and the same as a list for
// those who do not see it.

import { counted } from "../counted";
import type { Graph } from "../protocol";
import { Choice, drawn, element, listen, Messages, Roving, send } from "./dom";
import { type Arrow, type Box, type Drawing, layout, path, SIZES } from "./layout";

const composite = new Choice("Composite", "composite");
const summary = element("span", { class: "summary" });
const messages = new Messages();
const canvas = element("div", { class: "canvas" });
const list = element("ul", { class: "spoken", "aria-label": "Resources and what they read" });
const boxes = new Roving<SVGGElement>();
let drawing: Drawing | undefined;
let arrows: SVGGElement[] = [];
let shown = "";

document.body.append(
  element("header", {}, element("h1", { class: "spoken" }, "Graph"), composite.label, summary),
  messages.root,
  element("main", {}, canvas, list),
);

listen(message => {
  if (message.type === "graph") {
    show(message.graph);
  } else if (message.type === "mark") {
    mark(message.marks);
  } else if (message.type === "failed") {
    messages.show([message.message]);
  }
});

function show(graph: Graph): void {
  composite.show(graph.composites, graph.composite);
  messages.show(graph.messages);
  summary.textContent = `${counted(graph.nodes.length, "resource")}, ${counted(graph.edges.length, "reference")}`;
  const key = JSON.stringify([graph.nodes.map(({ source: _, ...node }) => node), graph.edges]);
  if (key === shown) {
    return;
  }
  shown = key;
  const had = boxes.indexOf(document.activeElement);
  const made = layout(graph.nodes, graph.edges);
  drawing = made;
  const drawnBoxes = made.boxes.map(box => boxOf(box, made));
  arrows = made.arrows.map(arrowOf);
  const { width, height } = made;
  canvas.replaceChildren(
    drawn(
      "svg",
      { width, height, viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": "Graph of the resources" },
      head(),
      ...arrows,
      ...drawnBoxes,
    ),
  );
  boxes.set(drawnBoxes);
  if (had >= 0) {
    boxes.focus(Math.min(had, drawnBoxes.length - 1));
  }
  list.replaceChildren(...made.boxes.map(box => element("li", {}, spoken(box, made))));
}

/** The head of all arrows. */
function head(): SVGDefsElement {
  const marker = drawn(
    "marker",
    {
      id: "head",
      viewBox: "0 0 10 10",
      refX: 9,
      refY: 5,
      markerWidth: 9,
      markerHeight: 9,
      markerUnits: "userSpaceOnUse",
      orient: "auto",
    },
    drawn("path", { d: "M0 0 L10 5 L0 10 z", class: "head" }),
  );
  return drawn("defs", {}, marker);
}

function boxOf(box: Box, all: Drawing): SVGGElement {
  const { x, y, width, height, node } = box;
  const fit = Math.floor((SIZES.most - 20) / SIZES.letter);
  const [name, detail] = [shortened(node.title, fit), shortened(node.detail, fit * 1.1)];
  return drawn(
    "g",
    { class: "box", role: "button", tabindex: -1, "aria-label": spoken(box, all), transform: `translate(${x} ${y})` },
    drawn("rect", { width, height, rx: 4 }),
    drawn("text", { x: 12, y: 18, class: "name" }, name),
    " ",
    drawn("text", { x: 12, y: 34, class: "detail" }, detail),
    ...(name === node.title && detail === node.detail ? [] : [drawn("title", {}, `${node.title} ${node.detail}`)]),
  );
}

function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

function arrowOf(arrow: Arrow): SVGGElement {
  const d = path(arrow);
  const { label } = arrow.edge;
  return drawn(
    "g",
    { class: "arrow", "aria-hidden": "true" },
    // The wide one can be pointed at.
    drawn("path", { d, class: "reach" }, ...(label === null ? [] : [drawn("title", {}, label)])),
    drawn("path", { d, class: "line", "marker-end": "url(#head)" }),
  );
}

function spoken({ node, index }: Box, all: Drawing): string {
  const named = (which: "from" | "to") =>
    all.arrows
      .filter(arrow => arrow[which === "from" ? "to" : "from"] === index)
      .map(arrow => {
        const other = all.boxes[arrow[which]]?.node.title ?? "";
        return arrow.edge.label === null ? other : `${other} (${arrow.edge.label})`;
      });
  const [to, from] = [named("to"), named("from")];
  const parts = [`${node.title} ${node.detail}`];
  if (to.length > 0) {
    parts.push(`arrows to ${to.join(", ")}`);
  }
  if (from.length > 0) {
    parts.push(`arrows from ${from.join(", ")}`);
  }
  return parts.join("; ");
}

/** Marks the boxes that the cursor is in, and their arrows. */
function mark(marks: number[]): void {
  boxes.items.forEach((box, index) => {
    const isMarked = marks.includes(index);
    box.classList.toggle("marked", isMarked);
    if (isMarked) {
      box.setAttribute("aria-current", "true");
    } else {
      box.removeAttribute("aria-current");
    }
  });
  const first = marks[0];
  if (first !== undefined && !canvas.contains(document.activeElement)) {
    boxes.select(first);
    boxes.items[first]?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  light(marks);
}

/** Brings out the arrows of some boxes. */
function light(indices: number[]): void {
  drawing?.arrows.forEach((arrow, index) => {
    arrows[index]?.classList.toggle("lit", indices.includes(arrow.from) || indices.includes(arrow.to));
  });
}

canvas.addEventListener("focusin", event => {
  const index = boxes.indexOf(event.target);
  if (index >= 0) {
    light([index]);
  }
});

canvas.addEventListener("click", event => {
  const index = boxes.indexOf(event.target);
  if (index >= 0) {
    boxes.select(index);
    send({ type: "reveal", index });
  }
});

canvas.addEventListener("keydown", event => {
  const index = boxes.indexOf(event.target);
  if (index < 0 || drawing === undefined || event.ctrlKey || event.metaKey || event.altKey) {
    return;
  }
  if (event.key === "Enter" || event.key === " ") {
    send({ type: "reveal", index });
  } else {
    const to = neighbour(drawing, index, event.key);
    if (to === undefined) {
      return;
    }
    boxes.focus(to);
  }
  event.preventDefault();
});

/** Up and down in a column, left and right to the closest box of the next one, Home and End over all. */
function neighbour({ columns, boxes: all }: Drawing, index: number, key: string): number | undefined {
  const column = columns.findIndex(members => members.includes(index));
  const row = columns[column]?.indexOf(index) ?? 0;
  const aside = (members: number[] | undefined) => {
    const y = all[index]?.y ?? 0;
    const far = (other: number) => Math.abs((all[other]?.y ?? 0) - y);
    return members === undefined ? index : [...members].sort((a, b) => far(a) - far(b))[0];
  };
  switch (key) {
    case "ArrowDown":
      return columns[column]?.[row + 1] ?? index;
    case "ArrowUp":
      return columns[column]?.[row - 1] ?? index;
    case "ArrowRight":
      return aside(columns[column + 1]);
    case "ArrowLeft":
      return aside(columns[column - 1]);
    case "Home":
      return columns[0]?.[0];
    case "End":
      return columns.at(-1)?.at(-1);
    default:
      return undefined;
  }
}
