// Finds the `tessera` program, and says what to do where it cannot be used.

import { execFile } from "node:child_process";
import * as fs from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";

/** The oldest version with a language server that this extension can talk to. */
export const MINIMUM = "0.1.0";

/** How long the program may take to say its version, in milliseconds. */
const PATIENCE = 20_000;

/** A program that can be used. */
export interface Binary {
  path: string;
  version: string;
  /** Where it was found. */
  origin: "the setting tessera.path" | "the extension" | "PATH";
}

/** Why no program can be used: a sentence for the user. */
export class Unusable extends Error {}

/** Where to look. */
export interface Search {
  /** The setting `tessera.path`; empty where it is not set. */
  setting: string;
  /** The folder of the extension. */
  extension: string;
  /** The folders of `PATH`, joined as the system does it. */
  searchPath: string;
}

const PROGRAM = process.platform === "win32" ? "tessera.exe" : "tessera";

/** The program: the setting's, else the one that came with the extension, else that of `PATH`. */
export async function find(search: Search): Promise<Binary> {
  const setting = search.setting.trim();
  if (setting !== "") {
    const named = await resolve(setting, search.searchPath);
    if (named === undefined) {
      throw new Unusable(`The setting tessera.path is “${setting}”, and there is no program.`);
    }
    return examined(named, "the setting tessera.path");
  }
  const bundled = path.join(search.extension, "bin", PROGRAM);
  // Not everything that unpacks an extension keeps what may be run.
  await fs.chmod(bundled, 0o755).catch(() => {});
  if (await isProgram(bundled)) {
    return examined(bundled, "the extension");
  }
  const installed = await onPath(PROGRAM, search.searchPath);
  if (installed !== undefined) {
    return examined(installed, "PATH");
  }
  throw new Unusable("The program tessera was not found: not in this extension, and not on your PATH.");
}

/** A path, or a name to look for. */
async function resolve(setting: string, searchPath: string): Promise<string | undefined> {
  const expanded = setting.startsWith("~/") ? path.join(os.homedir(), setting.slice(2)) : setting;
  if (path.basename(expanded) === expanded) {
    return onPath(expanded, searchPath);
  }
  return (await isProgram(expanded)) ? expanded : undefined;
}

async function onPath(name: string, searchPath: string): Promise<string | undefined> {
  for (const folder of searchPath.split(path.delimiter).filter(part => path.isAbsolute(part))) {
    const candidate = path.join(folder, name);
    if (await isProgram(candidate)) {
      return candidate;
    }
  }
  return undefined;
}

async function isProgram(file: string): Promise<boolean> {
  try {
    if (!(await fs.stat(file)).isFile()) {
      return false;
    }
    await fs.access(file, fs.constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The program with its version, if it is one that can be used. */
async function examined(program: string, origin: Binary["origin"]): Promise<Binary> {
  const said = await output(program, ["--version"]);
  const version = /^tessera (\d+\.\d+\.\d+\S*)/.exec(said)?.[1];
  if (version === undefined) {
    throw new Unusable(`${program} is not Tessera: it calls itself “${said.split("\n")[0]?.slice(0, 80) ?? ""}”.`);
  }
  if (older(version, MINIMUM)) {
    throw new Unusable(`${program} is Tessera ${version}; this extension needs ${MINIMUM} or newer.`);
  }
  await output(program, ["lsp", "--help"]).catch(() => {
    throw new Unusable(`${program} is Tessera ${version}, which has no language server: it is too old.`);
  });
  return { path: program, version, origin };
}

function output(program: string, args: string[]): Promise<string> {
  return new Promise((done, failed) => {
    execFile(program, args, { timeout: PATIENCE, maxBuffer: 1 << 20 }, (error, stdout) => {
      if (error) {
        failed(new Unusable(`${program} does not start: ${error.message.split("\n")[0] ?? ""}`));
      } else {
        done(stdout);
      }
    });
  });
}

/** Whether a version is older than another; what follows a `-` is not looked at. */
export function older(version: string, than: string): boolean {
  const parts = (text: string) => (text.split(/[-+]/)[0] ?? "").split(".").map(Number);
  const [a, b] = [parts(version), parts(than)];
  for (let i = 0; i < 3; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) {
      return difference < 0;
    }
  }
  return false;
}
