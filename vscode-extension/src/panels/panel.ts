// What the preview and the graph share: one webview each, filled anew whenever
// a compilation has ended, bound to the cursor in both directions.

import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import type { Place } from "../protocol";
import type { Server } from "../server";
import type { PanelState, ToHost, ToView } from "./messages";

/** A kind of panel. */
export interface Kind<Answer> {
  viewType: string;
  /** The name of the script and of the title. */
  script: string;
  title: string;
  /** Asks the server. */
  ask(client: LanguageClient, state: PanelState, token: vscode.CancellationToken): Promise<Answer>;
  /** The answer that is shown where an older one may stay in part. */
  merged?(answer: Answer, older: Answer): Answer;
  /** What the webview gets. */
  message(answer: Answer, state: PanelState, name: string): ToView;
  /** Where each object or node comes from. */
  places(answer: Answer): (Place | null)[];
  why?(answer: Answer, index: number, state: PanelState): void;
}

/** The one panel of a kind, where it is open. */
export class Panel<Answer> implements vscode.Disposable, vscode.WebviewPanelSerializer {
  #open: Open<Answer> | undefined;
  readonly #kind: Kind<Answer>;
  readonly #server: Server;
  readonly #extension: vscode.Uri;

  constructor(kind: Kind<Answer>, server: Server, extension: vscode.Uri) {
    this.#kind = kind;
    this.#server = server;
    this.#extension = extension;
  }

  /** Shows the panel for a document, beside it. */
  show(state: PanelState): void {
    if (this.#open !== undefined) {
      this.#open.turnTo(state);
      return;
    }
    const panel = vscode.window.createWebviewPanel(
      this.#kind.viewType,
      this.#kind.title,
      { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
      { enableFindWidget: true },
    );
    this.#take(panel, state);
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: PanelState | undefined): Promise<void> {
    if (this.#open !== undefined || state?.uri === undefined) {
      panel.dispose();
      return;
    }
    this.#take(panel, state);
  }

  /** The answer that is shown, and for what. */
  get shown(): { answer: Answer; state: PanelState } | undefined {
    return this.#open?.shown;
  }

  dispose(): void {
    this.#open?.dispose();
  }

  #take(panel: vscode.WebviewPanel, state: PanelState): void {
    this.#open = new Open(this.#kind, this.#server, this.#extension, panel, state, () => {
      this.#open = undefined;
    });
  }
}

class Open<Answer> implements vscode.Disposable {
  #state: PanelState;
  #answer: Answer | undefined;
  /** What the answer is of. */
  #answered = "";
  #asking: vscode.CancellationTokenSource | undefined;
  #isReady = false;
  #marks = "";
  readonly #kind: Kind<Answer>;
  readonly #server: Server;
  readonly #panel: vscode.WebviewPanel;
  readonly #disposables: vscode.Disposable[];

  constructor(
    kind: Kind<Answer>,
    server: Server,
    extension: vscode.Uri,
    panel: vscode.WebviewPanel,
    state: PanelState,
    closed: () => void,
  ) {
    this.#kind = kind;
    this.#server = server;
    this.#panel = panel;
    this.#state = state;
    const media = vscode.Uri.joinPath(extension, "dist");
    panel.iconPath = vscode.Uri.joinPath(extension, "icons", "file.svg");
    panel.webview.options = { enableScripts: true, localResourceRoots: [media] };
    this.#disposables = [
      panel.webview.onDidReceiveMessage((message: ToHost) => this.#received(message)),
      vscode.window.onDidChangeTextEditorSelection(event => this.#mark(event.textEditor)),
      vscode.window.onDidChangeActiveTextEditor(editor => this.#mark(editor)),
      server.onDidChange(() => void this.refresh()),
      server.onHealth(health => {
        if (health.state === "failed") {
          this.#send({ type: "failed", state: this.#state, message: health.reason });
        }
      }),
      panel.onDidDispose(() => {
        closed();
        this.dispose();
      }),
    ];
    panel.webview.html = page(panel.webview, media, kind.script, kind.title);
  }

  get shown(): { answer: Answer; state: PanelState } | undefined {
    return this.#answer === undefined ? undefined : { answer: this.#answer, state: this.#state };
  }

  dispose(): void {
    this.#asking?.cancel();
    vscode.Disposable.from(...this.#disposables.splice(0)).dispose();
    this.#panel.dispose();
  }

  /** Shows another document, or another part of it. */
  turnTo(state: PanelState): void {
    this.#state = state;
    this.#panel.reveal(undefined, true);
    void this.refresh();
  }

  /** Asks the server again; an older question is dropped. */
  async refresh(): Promise<void> {
    // A panel out of sight loses its page, which says that it is ready when it is seen again.
    if (!this.#isReady || !this.#panel.visible) {
      return;
    }
    this.#asking?.cancel();
    const asking = new vscode.CancellationTokenSource();
    this.#asking = asking;
    const client = await this.#server.client();
    if (client === undefined || asking.token.isCancellationRequested) {
      return;
    }
    const state = this.#state;
    try {
      // The server knows what is open; the editor may have closed it.
      await vscode.workspace.openTextDocument(vscode.Uri.parse(state.uri, true));
      const asked = await this.#kind.ask(client, state, asking.token);
      if (asking.token.isCancellationRequested) {
        return;
      }
      const older = this.#answered === state.uri ? this.#answer : undefined;
      const answer = older === undefined ? asked : (this.#kind.merged?.(asked, older) ?? asked);
      this.#answer = answer;
      this.#answered = state.uri;
      const name = basename(state.uri);
      this.#panel.title = `${this.#kind.title} ${name}`;
      this.#send(this.#kind.message(answer, state, name));
      this.#marks = "";
      this.#mark(vscode.window.activeTextEditor ?? vscode.window.visibleTextEditors[0]);
    } catch (error) {
      if (!asking.token.isCancellationRequested && !(error instanceof vscode.CancellationError)) {
        const message = error instanceof Error ? error.message : String(error);
        this.#send({ type: "failed", state, message });
      }
    }
  }

  #received(message: ToHost): void {
    switch (message.type) {
      case "ready":
        this.#isReady = true;
        void this.refresh();
        break;
      case "choose":
        this.#state = { ...this.#state, [message.what]: message.id };
        void this.refresh();
        break;
      case "reveal":
        void this.#reveal(message.index);
        break;
      case "why":
        if (this.#answer !== undefined) {
          this.#kind.why?.(this.#answer, message.index, this.#state);
        }
        break;
    }
  }

  /** Opens the source of an object beside the panel. */
  async #reveal(index: number): Promise<void> {
    const place = this.#answer === undefined ? undefined : this.#kind.places(this.#answer)[index];
    const client = await this.#server.client();
    if (place == null || client === undefined) {
      return;
    }
    const uri = vscode.Uri.parse(place.uri, true);
    const open = vscode.window.visibleTextEditors.find(editor => editor.document.uri.toString() === uri.toString());
    const range = client.protocol2CodeConverter.asRange(place.range);
    const editor = await vscode.window.showTextDocument(uri, {
      viewColumn: open?.viewColumn ?? besides(this.#panel.viewColumn),
      selection: new vscode.Range(range.start, range.start),
    });
    editor.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }

  /** Tells the webview which objects the cursor is in: those whose source is the closest around it. */
  #mark(editor: vscode.TextEditor | undefined): void {
    if (editor === undefined || this.#answer === undefined) {
      return;
    }
    const uri = editor.document.uri.toString();
    const cursor = editor.selection.active;
    let marks: number[] = [];
    let least = Number.POSITIVE_INFINITY;
    let isKnown = false;
    this.#kind.places(this.#answer).forEach((place, index) => {
      if (place === null || vscode.Uri.parse(place.uri).toString() !== uri) {
        return;
      }
      isKnown = true;
      const { start, end } = place.range;
      const range = new vscode.Range(start.line, start.character, end.line, end.character);
      if (!range.contains(cursor)) {
        return;
      }
      const size = (end.line - start.line) * 10_000 + end.character - start.character;
      if (size < least) {
        [marks, least] = [[], size];
      }
      if (size === least) {
        marks.push(index);
      }
    });
    const key = marks.join(",");
    // A file that has nothing to do with it leaves the mark where it is.
    if (isKnown && key !== this.#marks) {
      this.#marks = key;
      this.#send({ type: "mark", marks });
    }
  }

  #send(message: ToView): void {
    if (this.#isReady) {
      void this.#panel.webview.postMessage(message);
    }
  }
}

/** The column for sources beside a panel. */
function besides(column: vscode.ViewColumn | undefined): vscode.ViewColumn {
  return column === undefined || column > vscode.ViewColumn.One ? vscode.ViewColumn.One : vscode.ViewColumn.Two;
}

export function basename(uri: string): string {
  const path = vscode.Uri.parse(uri).path;
  return path.slice(path.lastIndexOf("/") + 1);
}

/** A page that can run its own script and load its own style, and nothing else. */
function page(webview: vscode.Webview, media: vscode.Uri, script: string, title: string): string {
  const nonce = randomBytes(16).toString("base64url");
  const source = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(media, name)).toString();
  const policy = `default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="UTF-8">
  <meta http-equiv="Content-Security-Policy" content="${policy}">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <link rel="stylesheet" href="${source("webview.css")}">
  <title>${title}</title>
</head>
<body data-view="${script}">
  <script nonce="${nonce}" src="${source(`${script}.js`)}"></script>
</body>
</html>`;
}
