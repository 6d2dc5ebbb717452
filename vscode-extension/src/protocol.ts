// What the server offers beyond the Language Server Protocol.

import { NotificationType, type Range, RequestType } from "vscode-languageclient/node";

/** A place in a source file. */
export interface Place {
  uri: string;
  range: Range;
}

interface Choice {
  id: string;
  title: string;
}

interface OfDocument {
  textDocument: { uri: string };
}

export interface PreviewParams extends OfDocument {
  target?: string;
  instance?: string;
}

/** An object of a file that a target writes. Lines count from 0, the end is exclusive. */
export interface PreviewObject {
  title: string;
  startLine: number;
  endLine: number;
  resource: string | null;
  source: Place | null;
}

export interface PreviewFile {
  path: string;
  text: string;
  objects: PreviewObject[];
}

export interface Preview {
  target: string;
  targets: Choice[];
  instances: Choice[];
  instance: string | null;
  files: PreviewFile[];
  messages: string[];
}

export interface GraphParams extends OfDocument {
  composite?: string;
}

export interface GraphNode {
  id: string;
  title: string;
  detail: string;
  layer: number;
  source: Place | null;
}

export interface GraphEdge {
  from: string;
  to: string;
  label: string | null;
}

export interface Graph {
  composites: Choice[];
  composite: string | null;
  nodes: GraphNode[];
  edges: GraphEdge[];
  messages: string[];
}

export interface WhyParams extends OfDocument {
  instance?: string;
  path: string;
}

export interface Why {
  text: string;
  places: (Place & { text: string })[];
}

export interface Project {
  name: string;
  root: string | null;
  kubernetes: string | null;
  crds: number;
  files: number;
  errors: number;
  warnings: number;
}

export interface Status {
  state: "working" | "ready";
  projects: Project[];
  message: string | null;
}

export const previewRequest = new RequestType<PreviewParams, Preview, void>("tessera/preview");
export const graphRequest = new RequestType<GraphParams, Graph, void>("tessera/graph");
export const irRequest = new RequestType<OfDocument, { text: string }, void>("tessera/ir");
export const whyRequest = new RequestType<WhyParams, Why, void>("tessera/why");
export const contentRequest = new RequestType<{ uri: string }, { text: string }, void>("tessera/content");
export const statusNotification = new NotificationType<Status>("tessera/status");
export const changedNotification = new NotificationType<Record<string, never>>("tessera/changed");
