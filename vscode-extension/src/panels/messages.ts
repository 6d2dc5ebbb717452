// What the extension and its two webviews tell each other.

import type { Graph, Preview } from "../protocol";

/** What a panel shows; kept by VS Code when the window is closed. */
export interface PanelState {
  uri: string;
  target?: string;
  instance?: string;
  composite?: string;
}

export type ToView =
  | { type: "preview"; state: PanelState; preview: Preview; name: string }
  | { type: "graph"; state: PanelState; graph: Graph; name: string }
  /** The objects, or nodes, that the cursor is in. */
  | { type: "mark"; marks: number[] }
  | { type: "failed"; state: PanelState; message: string };

export type ToHost =
  | { type: "ready" }
  | { type: "choose"; what: "target" | "instance" | "composite"; id: string }
  /** Show the source of an object or node; `line` is the line in the object. */
  | { type: "reveal"; index: number }
  | { type: "why"; index: number };
