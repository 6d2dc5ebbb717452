// The standard library's sources, which lie in the program and not on disk, as read-only documents.

import * as vscode from "vscode";
import { contentRequest } from "./protocol";
import type { Server } from "./server";

const SCHEME = "tessera-std";

/** Shows what the server finds a definition in when it is the standard library's. */
export function standardLibrary(server: Server): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
    async provideTextDocumentContent(uri, token) {
      const client = await server.client();
      const found = await client?.sendRequest(contentRequest, { uri: uri.toString() }, token);
      return found?.text ?? "";
    },
  });
}
