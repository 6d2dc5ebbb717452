// START HERE. The extension starts the server and shows what it says; all
// knowledge of the language is in the server.

import * as vscode from "vscode";
import { commands } from "./commands";
import { graph } from "./panels/graph";
import { Panel } from "./panels/panel";
import { preview } from "./panels/preview";
import { Representation } from "./representation";
import { Server } from "./server";
import { standardLibrary } from "./standard";
import { statusItem } from "./status";
import { taskProvider } from "./tasks";

let server: Server | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel("Tessera", { log: true });
  const running = new Server(context, log);
  const panels = {
    preview: new Panel(preview, running, context.extensionUri),
    graph: new Panel(graph, running, context.extensionUri),
  };
  const representation = new Representation(running);
  server = running;
  context.subscriptions.push(
    log,
    running,
    representation,
    standardLibrary(running),
    panels.preview,
    panels.graph,
    statusItem(running),
    taskProvider(running),
    commands({ server: running, ...panels, representation, log }),
    vscode.window.registerWebviewPanelSerializer(preview.viewType, panels.preview),
    vscode.window.registerWebviewPanelSerializer(graph.viewType, panels.graph),
    vscode.workspace.onDidChangeConfiguration(event => {
      if (event.affectsConfiguration("tessera.path")) {
        void running.restart();
      }
    }),
  );
  void running.start();
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}
