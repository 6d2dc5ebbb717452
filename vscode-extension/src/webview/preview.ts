// The preview. Objects are plain text, a block of lines at a time: the browser
// lays out only the blocks in sight, and colours are put into them when they
// come into sight, so that ten thousand lines stay quick.

import { counted } from "../counted";
import type { Preview, PreviewFile } from "../protocol";
import { Choice, element, listen, Messages, Roving, send } from "./dom";
import { coloured } from "./yaml";

/** Lines that are laid out together. */
const BLOCK = 100;
/** How far the page keys go. */
const PAGE = 10;

/** A part of a file: an object, or what stands between objects. */
interface Part {
  key: string;
  text: string;
  root: HTMLElement;
  /** The heading of an object, which takes the focus. */
  title: HTMLButtonElement | undefined;
}

const target = new Choice("Target", "target");
const instance = new Choice("Instance", "instance");
const summary = element("span", { class: "summary" });
const messages = new Messages();
const files = element("div", { class: "files" });
const titles = new Roving<HTMLButtonElement>();
let parts = new Map<string, Part>();
let marked: HTMLElement[] = [];

const sight = new IntersectionObserver(
  entries => {
    for (const { isIntersecting, target: block } of entries) {
      if (isIntersecting) {
        sight.unobserve(block);
        block.replaceChildren(...coloured(block.textContent ?? ""));
      }
    }
  },
  { rootMargin: "400px" },
);

document.body.append(
  element("header", {}, element("h1", { class: "spoken" }, "Preview"), target.label, instance.label, summary),
  messages.root,
  element("main", { "aria-label": "Objects" }, files),
);

listen(message => {
  if (message.type === "preview") {
    show(message.preview);
  } else if (message.type === "mark") {
    mark(message.marks);
  } else if (message.type === "failed") {
    messages.show([message.message]);
  }
});

function show(preview: Preview): void {
  target.show(preview.targets, preview.target);
  instance.show(preview.instances, preview.instance);
  messages.show(preview.messages);
  const next = new Map<string, Part>();
  const sections = preview.files.map(file => section(file, next));
  const count = preview.files.reduce((sum, file) => sum + file.objects.length, 0);
  summary.textContent = count === 0 ? counted(preview.files.length, "file") : counted(count, "object");
  parts = next;
  // Nothing is put anew into the page that stands there: the focus and the place stay.
  place(files, sections);
  titles.set([...next.values()].flatMap(part => part.title ?? []));
}

const sections = new Map<string, { root: HTMLElement; body: HTMLElement }>();

function section(file: PreviewFile, next: Map<string, Part>): HTMLElement {
  let made = sections.get(file.path);
  if (made === undefined) {
    const body = element("div");
    made = { root: element("section", { "aria-label": file.path }, element("h2", {}, file.path), body), body };
    sections.set(file.path, made);
  }
  const lines = file.text.split("\n");
  const children: HTMLElement[] = [];
  let at = 0;
  const between = (to: number) => {
    const text = lines.slice(at, to).filter(line => line !== "---");
    if (text.some(line => line.trim() !== "")) {
      children.push(part(next, file.path, undefined, text).root);
    }
  };
  for (const object of file.objects) {
    between(object.startLine);
    const text = lines.slice(object.startLine, object.endLine).filter(line => line !== "---");
    children.push(part(next, file.path, object.title, text).root);
    at = object.endLine;
  }
  between(lines.length);
  place(made.body, children);
  return made.root;
}

/** A part as it stands, with only its text changed, or a new one. */
function part(next: Map<string, Part>, path: string, title: string | undefined, lines: string[]): Part {
  const name = `${path}\n${title ?? ""}`;
  let key = name;
  for (let i = 2; next.has(key); i++) {
    key = `${name}\n${i}`;
  }
  const text = lines.join("\n");
  const made = parts.get(key) ?? empty(key, title);
  if (made.text !== text || made.root.childElementCount === 0) {
    made.text = text;
    write(made, lines);
  }
  next.set(key, made);
  return made;
}

function empty(key: string, title: string | undefined): Part {
  if (title === undefined) {
    return { key, text: "", root: element("div", { class: "part" }, element("pre")), title: undefined };
  }
  const button = element("button", { class: "title", tabindex: -1, title: "Go to the source" }, title);
  const root = element(
    "article",
    { class: "part object", "aria-label": title },
    element("h3", {}, button),
    element("pre"),
  );
  return { key, text: "", root, title: button };
}

function write(made: Part, lines: string[]): void {
  const pre = made.root.querySelector("pre");
  const old = pre === null ? [] : [...pre.children];
  const blocks: Element[] = [];
  for (let from = 0; from < lines.length; from += BLOCK) {
    const text = `${lines.slice(from, from + BLOCK).join("\n")}\n`;
    const there = old[blocks.length];
    if (there?.textContent === text) {
      blocks.push(there);
      continue;
    }
    const block = element("code", { class: "block" }, text);
    block.style.setProperty("--lines", String(Math.min(BLOCK, lines.length - from)));
    sight.observe(block);
    blocks.push(block);
  }
  pre?.replaceChildren(...blocks);
}

/** Makes these the children, moving as few as can be. */
function place(parent: HTMLElement, children: HTMLElement[]): void {
  const wanted = new Set<Node>(children);
  for (const child of [...parent.children]) {
    if (!wanted.has(child)) {
      child.remove();
    }
  }
  children.forEach((child, index) => {
    const there = parent.children[index];
    if (there !== child) {
      parent.insertBefore(child, there ?? null);
    }
  });
}

function mark(marks: number[]): void {
  for (const root of marked) {
    root.classList.remove("marked");
    root.querySelector(".title")?.removeAttribute("aria-current");
  }
  marked = marks.flatMap(index => titles.items[index]?.closest("article") ?? []);
  for (const root of marked) {
    root.classList.add("marked");
    root.querySelector(".title")?.setAttribute("aria-current", "true");
  }
  const first = marks[0];
  if (first !== undefined && !files.contains(document.activeElement)) {
    titles.select(first);
    marked[0]?.scrollIntoView({ block: "start" });
  }
}

files.addEventListener("click", event => {
  const index = indexOf(event.target);
  // Text is selected to be copied.
  if (index >= 0 && (document.getSelection()?.isCollapsed ?? true)) {
    titles.select(index);
    send({ type: "reveal", index });
  }
});

files.addEventListener("keydown", event => {
  const index = titles.indexOf(event.target);
  if (index < 0 || event.ctrlKey || event.metaKey || event.altKey) {
    return;
  }
  const last = titles.items.length - 1;
  const steps: Record<string, number> = {
    ArrowDown: index + 1,
    ArrowUp: index - 1,
    PageDown: index + PAGE,
    PageUp: index - PAGE,
    Home: 0,
    End: last,
  };
  const to = steps[event.key];
  if (to !== undefined) {
    titles.focus(Math.max(0, Math.min(last, to)));
  } else if (event.key === "w") {
    send({ type: "why", index });
  } else {
    return;
  }
  event.preventDefault();
});

function indexOf(at: EventTarget | null): number {
  const article = at instanceof Element ? at.closest("article") : null;
  const title = article?.querySelector<HTMLButtonElement>(".title");
  return title == null ? -1 : titles.items.indexOf(title);
}
