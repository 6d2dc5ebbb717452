// What the two webviews share: making elements, moving among them with the
// arrow keys, and talking to the extension.

import type { PanelState, ToHost, ToView } from "../panels/messages";

interface Host {
  postMessage(message: ToHost): void;
  setState(state: PanelState): void;
}

declare function acquireVsCodeApi(): Host;

const host = acquireVsCodeApi();

export function send(message: ToHost): void {
  host.postMessage(message);
}

/** Takes what the extension says, from now on; it is told that someone listens. */
export function listen(take: (message: ToView) => void): void {
  window.addEventListener("message", event => {
    const message = event.data as ToView;
    if ("state" in message) {
      host.setState(message.state);
    }
    take(message);
  });
  send({ type: "ready" });
}

type Attributes = Record<string, string | number | boolean>;
type Content = Node | string;

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...content: Content[]
): HTMLElementTagNameMap[K] {
  return filled(document.createElement(tag), attributes, content);
}

export function drawn<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...content: Content[]
): SVGElementTagNameMap[K] {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, content);
}

function filled<E extends Element>(made: E, attributes: Attributes, content: Content[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) {
      made.setAttribute(name, "");
    } else if (value !== false) {
      made.setAttribute(name, String(value));
    }
  }
  made.append(...content);
  return made;
}

/** A labelled choice. Hidden where there is nothing to choose. */
export class Choice {
  readonly label: HTMLLabelElement;
  readonly #select: HTMLSelectElement;
  #options = "";

  constructor(name: string, what: "target" | "instance" | "composite") {
    this.#select = element("select", { id: what });
    this.label = element("label", { for: what, hidden: true }, name, this.#select);
    this.#select.addEventListener("change", () => send({ type: "choose", what, id: this.#select.value }));
  }

  show(options: { id: string; title: string }[], chosen: string | null): void {
    const key = JSON.stringify(options);
    if (key !== this.#options) {
      this.#options = key;
      this.#select.replaceChildren(...options.map(({ id, title }) => element("option", { value: id }, title)));
    }
    this.#select.value = chosen ?? "";
    this.label.hidden = options.length < 2;
  }
}

/** A list of messages, said by screen readers when it changes. */
export class Messages {
  readonly #list = element("ul");
  readonly root = element("div", { class: "messages", role: "status", hidden: true }, this.#list);
  #shown = "";

  show(messages: string[]): void {
    const key = messages.join("\n");
    if (key !== this.#shown) {
      this.#shown = key;
      this.#list.replaceChildren(...messages.map(message => element("li", {}, message)));
      this.root.hidden = messages.length === 0;
    }
  }
}

/** One of many elements is in the order of the Tab key; the others are reached from it by arrows. */
export class Roving<E extends HTMLElement | SVGElement> {
  #items: E[] = [];
  #current = 0;

  get items(): readonly E[] {
    return this.#items;
  }

  /** Takes new items; the focus stays with the item that has it, or with its place. */
  set(items: E[]): void {
    const had = this.#items[this.#current];
    const kept = had === undefined ? -1 : items.indexOf(had);
    this.#items = items;
    this.#current = kept >= 0 ? kept : Math.max(0, Math.min(this.#current, items.length - 1));
    for (const [index, item] of items.entries()) {
      item.setAttribute("tabindex", index === this.#current ? "0" : "-1");
    }
  }

  indexOf(target: EventTarget | null): number {
    return target instanceof Element ? this.#items.findIndex(item => item === target || item.contains(target)) : -1;
  }

  /** Puts an item into the order of the Tab key, without taking the focus. */
  select(index: number): void {
    const next = this.#items[index];
    if (next !== undefined) {
      this.#items[this.#current]?.setAttribute("tabindex", "-1");
      next.setAttribute("tabindex", "0");
      this.#current = index;
    }
  }

  focus(index: number): void {
    this.select(index);
    this.#items[index]?.focus();
    this.#items[index]?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}
