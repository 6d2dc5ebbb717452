// The representation of a file's composites as a read-only document that
// follows its source.

import * as vscode from "vscode";
import { basename } from "./panels/panel";
import { irRequest } from "./protocol";
import type { Server } from "./server";

const SCHEME = "tessera-ir";

export class Representation implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly onDidChange: vscode.Event<vscode.Uri>;
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #server: Server;
  readonly #disposables: vscode.Disposable[];

  constructor(server: Server) {
    this.#server = server;
    this.onDidChange = this.#changed.event;
    this.#disposables = [
      this.#changed,
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      server.onDidChange(() => {
        for (const { uri } of vscode.workspace.textDocuments.filter(document => document.uri.scheme === SCHEME)) {
          this.#changed.fire(uri);
        }
      }),
    ];
  }

  async show(source: string): Promise<void> {
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${basename(source)}.json`, query: source });
    await vscode.window.showTextDocument(uri, { viewColumn: vscode.ViewColumn.Beside, preview: true });
  }

  async provideTextDocumentContent(uri: vscode.Uri, token: vscode.CancellationToken): Promise<string> {
    const client = await this.#server.client();
    if (client === undefined) {
      return "";
    }
    try {
      return (await client.sendRequest(irRequest, { textDocument: { uri: uri.query } }, token)).text;
    } catch (error) {
      return JSON.stringify({ error: error instanceof Error ? error.message : String(error) }, undefined, 2);
    }
  }

  dispose(): void {
    vscode.Disposable.from(...this.#disposables).dispose();
  }
}
