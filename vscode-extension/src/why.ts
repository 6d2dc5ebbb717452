// “Why is this value here?”: asks for a field where none is named, and lists
// the places that its value came from.

import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import { fields, objectName } from "./fields";
import { type ObjectText, objects } from "./panels/preview";
import { type PreviewObject, previewRequest, type Why, whyRequest } from "./protocol";
import type { Server } from "./server";

/** What the preview hands over; all of it is asked for where it is missing. */
export interface Question {
  uri?: string;
  instance?: string | null;
  object?: PreviewObject;
  lines?: string[];
}

export async function why(server: Server, question: Question): Promise<void> {
  const uri = question.uri ?? vscode.window.activeTextEditor?.document.uri.toString();
  const client = await server.client();
  if (client === undefined || uri === undefined) {
    void vscode.window.showInformationMessage("Open a file of the project first: its objects are then asked about.");
    return;
  }
  const instance = question.instance == null ? {} : { instance: question.instance };
  let candidates: ObjectText[] = [];
  if (question.object !== undefined && question.lines !== undefined) {
    candidates = [{ object: question.object, lines: question.lines }];
  } else {
    const answer = await client.sendRequest(previewRequest, {
      textDocument: { uri },
      target: "manifests",
      ...instance,
    });
    candidates = nearest(objects(answer));
    if (candidates.length === 0) {
      const reason = answer.messages[0] ?? "this file makes no objects";
      void vscode.window.showInformationMessage(`There is no value to ask about: ${reason}`);
      return;
    }
  }
  const path = await chosenField(candidates);
  if (path === undefined) {
    return;
  }
  try {
    await show(client, path, await client.sendRequest(whyRequest, { textDocument: { uri }, path, ...instance }));
  } catch (error) {
    void vscode.window.showErrorMessage(`Tessera: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The objects with those first that the cursor is in. */
function nearest(all: ObjectText[]): ObjectText[] {
  const editor = vscode.window.activeTextEditor;
  const here = editor?.document.uri.toString();
  const cursor = editor?.selection.active;
  const isNear = ({ object: { source } }: ObjectText) => {
    if (source === null || cursor === undefined || vscode.Uri.parse(source.uri).toString() !== here) {
      return false;
    }
    const { start, end } = source.range;
    return new vscode.Range(start.line, start.character, end.line, end.character).contains(cursor);
  };
  return [...all.filter(isNear), ...all.filter(object => !isNear(object))];
}

async function chosenField(candidates: ObjectText[]): Promise<string | undefined> {
  const items: (vscode.QuickPickItem & { path?: string })[] = [];
  for (const { object, lines } of candidates) {
    const all = fields(lines);
    const name = objectName(all) ?? object.resource ?? object.title;
    if (candidates.length > 1) {
      items.push({ label: object.title, kind: vscode.QuickPickItemKind.Separator });
    }
    for (const field of all) {
      items.push({ label: field.path.replace(/^\./, ""), description: field.value, path: name + field.path });
    }
  }
  const chosen = await vscode.window.showQuickPick(items, {
    title: candidates.length === 1 ? `Why is this value in ${candidates[0]?.object.title}?` : "Why is this value here?",
    placeHolder: "The field to ask about",
    matchOnDescription: true,
  });
  return chosen?.path;
}

async function show(client: LanguageClient, path: string, answer: Why): Promise<void> {
  if (answer.places.length === 0) {
    void vscode.window.showInformationMessage(answer.text);
    return;
  }
  const places = answer.places.map(place => {
    const uri = vscode.Uri.parse(place.uri);
    const file = vscode.workspace.asRelativePath(uri);
    return {
      label: place.text.trim(),
      description: `${file}:${place.range.start.line + 1}`,
      uri,
      range: client.protocol2CodeConverter.asRange(place.range),
    };
  });
  const chosen = await vscode.window.showQuickPick(places, {
    title: answer.text.split("\n")[0] ?? path,
    placeHolder: "Where it came from; Enter goes there",
    matchOnDescription: true,
  });
  if (chosen !== undefined) {
    await vscode.window.showTextDocument(chosen.uri, { selection: chosen.range });
  }
}
