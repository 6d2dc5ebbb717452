// `tessera check` and `tessera build` as tasks, one pair for each project.

import * as path from "node:path";
import * as vscode from "vscode";
import type { Server } from "./server";

const TYPE = "tessera";
/** The most projects that tasks are offered for. */
const MAX_PROJECTS = 100;

interface Definition extends vscode.TaskDefinition {
  command: string;
  /** The project's folder, relative to the workspace folder. */
  project?: string;
  target?: string;
}

export function taskProvider(server: Server): vscode.Disposable {
  return vscode.tasks.registerTaskProvider(TYPE, {
    async provideTasks(token) {
      const manifests = await vscode.workspace.findFiles("**/tessera.toml", undefined, MAX_PROJECTS, token);
      const program = await programOf(server);
      return manifests.flatMap(manifest => {
        const folder = vscode.workspace.getWorkspaceFolder(manifest);
        if (folder === undefined) {
          return [];
        }
        const project = path.relative(folder.uri.fsPath, path.dirname(manifest.fsPath)) || ".";
        return ["check", "build"].map(command => task(program, { type: TYPE, command, project }, folder));
      });
    },
    async resolveTask(asked) {
      const folder = typeof asked.scope === "object" ? asked.scope : vscode.workspace.workspaceFolders?.[0];
      return folder === undefined ? undefined : task(await programOf(server), asked.definition as Definition, folder);
    },
  });
}

/** Runs a command of the program on the project that a file belongs to. */
export async function runTask(server: Server, command: string, file: vscode.Uri): Promise<void> {
  const folder = vscode.workspace.getWorkspaceFolder(file);
  if (folder === undefined) {
    void vscode.window.showErrorMessage("Tessera: open the project's folder first; this file is in none.");
    return;
  }
  await vscode.workspace.saveAll(false);
  const project = path.relative(folder.uri.fsPath, await projectOf(file, folder)) || ".";
  await vscode.tasks.executeTask(task(await programOf(server), { type: TYPE, command, project }, folder));
}

/** The closest folder above the file with a `tessera.toml`; the workspace folder where there is none. */
async function projectOf(file: vscode.Uri, folder: vscode.WorkspaceFolder): Promise<string> {
  const top = folder.uri.fsPath;
  for (let at = path.dirname(file.fsPath); at.startsWith(top); at = path.dirname(at)) {
    try {
      await vscode.workspace.fs.stat(vscode.Uri.file(path.join(at, "tessera.toml")));
      return at;
    } catch {
      if (at === path.dirname(at)) {
        break;
      }
    }
  }
  return top;
}

async function programOf(server: Server): Promise<string> {
  try {
    return (await server.binary()).path;
  } catch {
    // The task then says that there is no such program; the server has said what to do.
    return "tessera";
  }
}

function task(program: string, definition: Definition, folder: vscode.WorkspaceFolder): vscode.Task {
  const project = definition.project ?? ".";
  const args = [definition.command, project];
  if (definition.target !== undefined) {
    args.push("--target", definition.target);
  }
  const name = project === "." ? definition.command : `${definition.command} ${project}`;
  const execution = new vscode.ProcessExecution(program, args, { cwd: folder.uri.fsPath });
  const made = new vscode.Task(definition, folder, name, TYPE, execution, "$tessera");
  if (definition.command === "build") {
    made.group = vscode.TaskGroup.Build;
  }
  made.presentationOptions = { reveal: vscode.TaskRevealKind.Always, clear: true };
  return made;
}
