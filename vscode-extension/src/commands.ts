// The commands of the palette, of code lenses, and of the status item's menu.

import * as vscode from "vscode";
import type { Location, Position } from "vscode-languageclient/node";
import type { PanelState } from "./panels/messages";
import type { Panel } from "./panels/panel";
import type { Graph, Preview } from "./protocol";
import type { Representation } from "./representation";
import type { Server } from "./server";
import { runTask } from "./tasks";
import { type Question, why } from "./why";

/** What the commands act upon. */
export interface Parts {
  server: Server;
  preview: Panel<Preview>;
  graph: Panel<Graph>;
  representation: Representation;
  log: vscode.LogOutputChannel;
}

/** The arguments of a code lens; a menu of the explorer or editor gives a `Uri` instead. */
type Argument = vscode.Uri | { uri?: string; instance?: string; composite?: string } | undefined;

export function commands({ server, preview, graph, representation, log }: Parts): vscode.Disposable {
  // Each command gets what VS Code, a code lens or a panel hands over.
  const table: Record<string, (argument: never) => unknown> = {
    "tessera.preview": (argument: Argument) => forDocument(argument, state => preview.show(state)),
    "tessera.graph": (argument: Argument) => forDocument(argument, state => graph.show(state)),
    "tessera.showRepresentation": (argument: Argument) =>
      forDocument(argument, state => representation.show(state.uri)),
    "tessera.why": (question: (Question & { path?: string }) | vscode.Uri | undefined) =>
      why(server, question === undefined || question instanceof vscode.Uri ? {} : question),
    "tessera.build": (argument: Argument) =>
      forDocument(argument, state => runTask(server, "build", vscode.Uri.parse(state.uri))),
    "tessera.check": (argument: Argument) =>
      forDocument(argument, state => runTask(server, "check", vscode.Uri.parse(state.uri))),
    "tessera.restart": () => server.restart(),
    "tessera.showLog": () => log.show(true),
    "tessera.openSettings": () =>
      vscode.commands.executeCommand("workbench.action.openSettings", "@ext:tessera.tessera"),
    "tessera.showReferences": (argument: { uri: string; position: Position; locations: Location[] }) =>
      showReferences(server, argument),
    "tessera.menu": menu,
  };
  return vscode.Disposable.from(
    ...Object.entries(table).map(([name, run]) =>
      vscode.commands.registerCommand(name, (argument: unknown) => run(argument as never)),
    ),
  );
}

/** Runs on the document that is named, or on the one with the cursor. */
async function forDocument(argument: Argument, run: (state: PanelState) => unknown): Promise<void> {
  if (argument !== undefined && !(argument instanceof vscode.Uri) && argument.uri !== undefined) {
    const { uri, instance, composite } = argument;
    await run({
      uri,
      ...(instance === undefined ? {} : { instance }),
      ...(composite === undefined ? {} : { composite }),
    });
    return;
  }
  const uri = argument instanceof vscode.Uri ? argument : documentAtHand();
  if (uri === undefined) {
    void vscode.window.showInformationMessage("Open a .tess file first, or a YAML instance of one.");
    return;
  }
  await run({ uri: uri.toString() });
}

/** The document with the cursor; with the cursor in a panel, one that is in sight. */
function documentAtHand(): vscode.Uri | undefined {
  const active = vscode.window.activeTextEditor?.document;
  if (active !== undefined && ["tessera", "yaml"].includes(active.languageId)) {
    return active.uri;
  }
  const visible = vscode.window.visibleTextEditors.map(editor => editor.document);
  return (visible.find(document => document.languageId === "tessera") ?? active)?.uri;
}

async function showReferences(
  server: Server,
  { uri, position, locations }: { uri: string; position: Position; locations: Location[] },
): Promise<void> {
  const convert = (await server.client())?.protocol2CodeConverter;
  if (convert !== undefined) {
    await vscode.commands.executeCommand(
      "editor.action.showReferences",
      convert.asUri(uri),
      convert.asPosition(position),
      locations.map(location => convert.asLocation(location)),
    );
  }
}

async function menu(): Promise<void> {
  const items = [
    { label: "$(open-preview) Open Preview to the Side", command: "tessera.preview" },
    { label: "$(type-hierarchy) Show Resource Graph", command: "tessera.graph" },
    { label: "$(question) Why Is This Value Here?", command: "tessera.why" },
    { label: "$(tools) Build Project", command: "tessera.build" },
    { label: "$(output) Show Log", command: "tessera.showLog" },
    { label: "$(debug-restart) Restart Language Server", command: "tessera.restart" },
    { label: "$(gear) Settings", command: "tessera.openSettings" },
  ];
  const chosen = await vscode.window.showQuickPick(items, { title: "Tessera" });
  if (chosen !== undefined) {
    await vscode.commands.executeCommand(chosen.command);
  }
}
