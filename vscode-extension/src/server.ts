// The language server: started once, started anew when it ends by itself, and
// never in silence when it cannot be.

import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  type ErrorHandler,
  LanguageClient,
  type LanguageClientOptions,
  State,
} from "vscode-languageclient/node";
import { type Binary, find, Unusable } from "./binary";
import { changedNotification, type Status, statusNotification } from "./protocol";

/** How long to wait before each new start, in milliseconds; after the last one the user decides. */
const PAUSES = [100, 1000, 3000, 10_000];
/** Ends further apart than this are not counted together, in milliseconds. */
const CALM = 180_000;

/** What the server may count on: the commands that code lenses name, and that sources without a file are shown. */
const ABLE_TO = ["tessera.preview", "tessera.graph", "tessera.showReferences", "tessera.content"];

/** How the server is doing. */
export type Health =
  | { state: "starting" | "stopped" }
  | { state: "running"; status: Status | undefined; binary: Binary }
  | { state: "failed"; reason: string };

export class Server implements vscode.Disposable {
  /** Fires when the server is there, has compiled, or is gone. */
  readonly onDidChange: vscode.Event<void>;
  /** Fires with every change of health. */
  readonly onHealth: vscode.Event<Health>;

  #health: Health = { state: "stopped" };
  #client: LanguageClient | undefined;
  /** Whether the client has been running since it was started. */
  #hasRun = false;
  /** Whether the client is about to be stopped. */
  #isLeaving = false;
  #queue: Promise<void> = Promise.resolve();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #healthChanged = new vscode.EventEmitter<Health>();
  readonly #context: vscode.ExtensionContext;
  readonly #log: vscode.LogOutputChannel;

  constructor(context: vscode.ExtensionContext, log: vscode.LogOutputChannel) {
    this.#context = context;
    this.#log = log;
    this.onDidChange = this.#changed.event;
    this.onHealth = this.#healthChanged.event;
  }

  get health(): Health {
    return this.#health;
  }

  /** The program, as it is found now. */
  binary(): Promise<Binary> {
    return find({
      setting: vscode.workspace.getConfiguration("tessera").get("path", ""),
      extension: this.#context.extensionPath,
      searchPath: process.env.PATH ?? "",
    });
  }

  /** The client once it runs; `undefined` where it cannot, which the user has been told. */
  async client(): Promise<LanguageClient | undefined> {
    await this.#queue;
    return this.#client?.state === State.Running ? this.#client : undefined;
  }

  start(): Promise<void> {
    return this.#then(() => this.#start());
  }

  restart(): Promise<void> {
    this.#isLeaving = true;
    return this.#then(async () => {
      await this.#stop();
      await this.#start();
    });
  }

  stop(): Promise<void> {
    this.#isLeaving = true;
    return this.#then(() => this.#stop());
  }

  dispose(): void {
    this.#changed.dispose();
    this.#healthChanged.dispose();
  }

  /** Starts and stops take place one after the other. */
  #then(action: () => Promise<void>): Promise<void> {
    this.#queue = this.#queue.then(action, action);
    return this.#queue;
  }

  async #start(): Promise<void> {
    this.#is({ state: "starting" });
    this.#hasRun = false;
    this.#isLeaving = false;
    let binary: Binary;
    try {
      binary = await this.binary();
    } catch (error) {
      this.#cannot(error instanceof Unusable ? error.message : `The program cannot be looked for: ${String(error)}`);
      return;
    }
    this.#log.info(`tessera ${binary.version}, of ${binary.origin}: ${binary.path}`);
    const client = new LanguageClient(
      "tessera",
      "Tessera",
      { command: binary.path, args: ["lsp"] },
      this.#options(binary),
    );
    this.#client = client;
    client.onNotification(statusNotification, status => this.#is({ state: "running", status, binary }));
    client.onNotification(changedNotification, () => this.#changed.fire());
    client.onDidChangeState(({ newState }) => {
      if (newState === State.Running) {
        this.#hasRun = true;
        this.#is({ state: "running", status: undefined, binary });
        this.#changed.fire();
      } else if (newState === State.Starting) {
        this.#is({ state: "starting" });
      }
    });
    try {
      await client.start();
    } catch (error) {
      this.#cannot(
        `Tessera ${binary.version} of ${binary.origin} does not start as a language server: ${String(error)}`,
      );
    }
  }

  async #stop(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    try {
      await client?.dispose();
    } catch (error) {
      this.#log.warn(`the server did not stop in order: ${String(error)}`);
    }
    this.#is({ state: "stopped" });
  }

  #options(binary: Binary): LanguageClientOptions {
    return {
      documentSelector: [
        { language: "tessera" },
        { language: "yaml", scheme: "file" },
        { pattern: "**/tessera.toml", scheme: "file" },
      ],
      initializationOptions: {
        commands: ABLE_TO,
        settings: vscode.workspace.getConfiguration().get("tessera"),
      },
      // The name that the problem matcher has, too: what a task finds takes the place of what is there.
      diagnosticCollectionName: "tessera",
      synchronize: { configurationSection: "tessera" },
      middleware: {
        workspace: {
          // A new path is a setting, too: the server that it ends need not be told.
          didChangeConfiguration: (sections, next) => (this.#isLeaving ? Promise.resolve() : next(sections)),
        },
      },
      outputChannel: this.#log,
      errorHandler: this.#errors(binary),
      initializationFailedHandler: () => false,
    };
  }

  #errors(binary: Binary): ErrorHandler {
    let ends: number[] = [];
    return {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: async () => {
        if (!this.#hasRun) {
          // Whoever started it says so.
          return { action: CloseAction.DoNotRestart, handled: true };
        }
        const now = Date.now();
        ends = [...ends.filter(end => now - end < CALM), now];
        const pause = PAUSES[ends.length - 1];
        if (pause === undefined) {
          this.#cannot(`The language server ended by itself ${ends.length} times in a row.`);
          return { action: CloseAction.DoNotRestart, handled: true };
        }
        this.#log.error(`the language server ${binary.path} ended by itself; it is started anew in ${pause} ms`);
        this.#is({ state: "starting" });
        await new Promise(done => setTimeout(done, pause));
        return { action: CloseAction.Restart, handled: true };
      },
    };
  }

  #is(health: Health): void {
    this.#health = health;
    this.#healthChanged.fire(health);
  }

  /** Says why there is no server, and what can be done. */
  #cannot(reason: string): void {
    this.#log.error(reason);
    this.#is({ state: "failed", reason });
    const actions: Record<string, string> = {
      "Open Settings": "tessera.openSettings",
      "Show Log": "tessera.showLog",
      "Try Again": "tessera.restart",
    };
    void vscode.window.showErrorMessage(`Tessera: ${reason}`, ...Object.keys(actions)).then(chosen => {
      const command = chosen === undefined ? undefined : actions[chosen];
      if (command !== undefined) {
        void vscode.commands.executeCommand(command);
      }
    });
  }
}
