// The item of the status bar: how the server is doing, and the way to all commands.

import * as vscode from "vscode";
import { counted } from "./counted";
import type { Status } from "./protocol";
import type { Health, Server } from "./server";

interface Shown {
  text: string;
  /** What a screen reader says. */
  spoken: string;
  details: string[];
  color?: "error" | "warning";
}

/** Shows the server's health for as long as the extension runs. */
export function statusItem(server: Server): vscode.Disposable {
  const item = vscode.window.createStatusBarItem("status", vscode.StatusBarAlignment.Right, 50);
  item.name = "Tessera";
  item.command = "tessera.menu";
  const show = (health: Health) => {
    const { text, spoken, details, color } = shown(health);
    item.text = text;
    item.accessibilityInformation = { label: `Tessera: ${spoken}`, role: "button" };
    item.tooltip = new vscode.MarkdownString(details.join("\n\n"));
    item.backgroundColor = color === undefined ? undefined : new vscode.ThemeColor(`statusBarItem.${color}Background`);
  };
  show(server.health);
  item.show();
  return vscode.Disposable.from(item, server.onHealth(show));
}

function shown(health: Health): Shown {
  switch (health.state) {
    case "starting":
      return { text: "$(loading~spin) Tessera", spoken: "starting", details: ["The language server is starting."] };
    case "stopped":
      return { text: "$(circle-slash) Tessera", spoken: "stopped", details: ["The language server is stopped."] };
    case "failed":
      return { text: "$(error) Tessera", spoken: health.reason, details: [escaped(health.reason)], color: "error" };
    case "running": {
      const version = `Tessera ${health.binary.version}, of ${health.binary.origin}`;
      return health.status === undefined
        ? { text: "$(loading~spin) Tessera", spoken: "starting", details: [version] }
        : { ...running(health.status), details: [...projects(health.status), escaped(version)] };
    }
  }
}

function running(status: Status): Omit<Shown, "details"> {
  const count = (which: "errors" | "warnings") => status.projects.reduce((sum, project) => sum + project[which], 0);
  const [errors, warnings] = [count("errors"), count("warnings")];
  const spoken = `${status.state}, ${counted(errors, "error")}, ${counted(warnings, "warning")}`;
  const text = errors + warnings === 0 ? "Tessera" : `Tessera ${errors}/${warnings}`;
  if (status.state === "working") {
    return { text: `$(loading~spin) ${text}`, spoken };
  }
  if (status.message !== null) {
    return { text: `$(warning) ${text}`, spoken: `${spoken}. ${status.message}`, color: "warning" };
  }
  return { text: `$(${errors > 0 ? "error" : warnings > 0 ? "warning" : "check"}) ${text}`, spoken };
}

function projects(status: Status): string[] {
  const lines = status.projects.map(project => {
    const parts = [
      counted(project.files, "file"),
      project.kubernetes === null ? "" : `Kubernetes ${project.kubernetes}`,
      project.crds === 0 ? "" : counted(project.crds, "custom definition"),
      counted(project.errors, "error"),
      counted(project.warnings, "warning"),
    ];
    return `**${escaped(project.name)}**: ${escaped(parts.filter(part => part !== "").join(", "))}`;
  });
  return status.message === null ? lines : [escaped(status.message), ...lines];
}

/** Text that Markdown takes as it is. */
function escaped(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!|<>~]/g, "\\$&");
}
