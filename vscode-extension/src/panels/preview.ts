// The preview: the objects that a target gets, beside their source.

import * as vscode from "vscode";
import { type Preview, type PreviewObject, previewRequest } from "../protocol";
import type { Kind } from "./panel";

const BEFORE = "There are errors: these are the objects from before.";

export const preview: Kind<Preview> = {
  viewType: "tessera.preview",
  script: "preview",
  title: "Preview",
  ask(client, state, token) {
    const target = state.target ?? vscode.workspace.getConfiguration("tessera").get<string>("target");
    return client.sendRequest(
      previewRequest,
      {
        textDocument: { uri: state.uri },
        ...(target === undefined ? {} : { target }),
        ...(state.instance === undefined ? {} : { instance: state.instance }),
      },
      token,
    );
  },
  // While a mistake stands there, the objects from before it are better than none.
  merged(answer, older) {
    const isGone = answer.files.length === 0 && answer.messages.length > 0;
    if (!isGone || older.files.length === 0 || older.target !== answer.target) {
      return answer;
    }
    return { ...older, messages: [BEFORE] };
  },
  message: (answer, state, name) => ({ type: "preview", preview: answer, state, name }),
  places: answer => objects(answer).map(({ object }) => object.source),
  why(answer, index, state) {
    const found = objects(answer)[index];
    if (found !== undefined) {
      void vscode.commands.executeCommand("tessera.why", { uri: state.uri, ...found, instance: answer.instance });
    }
  },
};

/** An object with its text. */
export interface ObjectText {
  object: PreviewObject;
  lines: string[];
}

/** All objects in order; their places in this list are what the webview calls them by. */
export function objects(answer: Preview): ObjectText[] {
  return answer.files.flatMap(file => {
    const lines = file.text.split("\n");
    return file.objects.map(object => ({ object, lines: lines.slice(object.startLine, object.endLine) }));
  });
}
