// VS Code's own workbench in a browser: code-server with an extension in it,
// and Chromium with a page on it. Nothing here waits for time alone.

import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { chromium } from "playwright-core";

/** How long a condition may take on a busy machine, in milliseconds. */
const PATIENCE = Number(process.env.TESSERA_PATIENCE ?? 60) * 1000;
/** How long a look may take that is repeated, in milliseconds. */
const MOMENT = 2000;

const SETTINGS = {
  "breadcrumbs.enabled": false,
  "chat.commandCenter.enabled": false,
  "editor.accessibilitySupport": "off",
  "editor.cursorBlinking": "solid",
  "editor.minimap.enabled": false,
  "editor.hover.delay": 50,
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  "files.autoSave": "off",
  "files.hotExit": "off",
  "git.enabled": false,
  "problems.decorations.enabled": false,
  "security.workspace.trust.enabled": false,
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "window.commandCenter": false,
  "window.dialogStyle": "custom",
  "window.menuBarVisibility": "classic",
  "workbench.enableExperiments": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
};

/** Chromium without anything that asks the network by itself. */
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
];

/** A code-server and a browser on it. */
export class Workbench {
  #server;
  #browser;
  #log;
  #project;
  page;

  /**
   * Starts both: `codeServer` is code-server's folder, `browser` Chromium's
   * program, `folder` a new folder for everything that they write, `project` the
   * folder that is opened.
   */
  static async start({ codeServer, browser, extension, folder, project, settings = {}, size }) {
    const made = new Workbench();
    const entry = path.join(codeServer, "out/node/entry.js");
    const places = ["--user-data-dir", path.join(folder, "data"), "--extensions-dir", path.join(folder, "extensions")];
    const user = path.join(folder, "data/User/settings.json");
    fs.mkdirSync(path.dirname(user), { recursive: true });
    fs.writeFileSync(user, JSON.stringify({ ...SETTINGS, ...settings }));
    made.#project = project;
    const environment = { ...process.env, XDG_CONFIG_HOME: path.join(folder, "config"), HOME: folder };
    // Set by an editor that runs this, they would be taken for its own.
    for (const name of Object.keys(environment).filter(name => name.startsWith("VSCODE_"))) delete environment[name];
    execFileSync(process.execPath, [entry, ...places, "--install-extension", extension], {
      env: environment,
      stdio: ["ignore", "ignore", "inherit"],
    });
    const port = await freePort();
    made.#log = fs.openSync(path.join(folder, "code-server.log"), "w");
    made.#server = spawn(
      process.execPath,
      [
        entry,
        ...places,
        ...["--auth", "none", "--bind-addr", `127.0.0.1:${port}`, "--disable-telemetry", "--disable-update-check"],
        ...["--disable-workspace-trust", "--disable-getting-started-override"],
        project,
      ],
      { env: environment, stdio: ["ignore", made.#log, made.#log], detached: true },
    );
    made.url = `http://127.0.0.1:${port}/?folder=${encodeURIComponent(project)}`;
    await made.until("code-server answers", async () => (await fetch(made.url).catch(() => undefined))?.ok);
    made.#browser = await chromium.launchPersistentContext(path.join(folder, "profile"), {
      executablePath: browser,
      args: FLAGS,
      viewport: size,
      locale: "en-US",
      timeout: PATIENCE,
    });
    made.page = made.#browser.pages()[0] ?? (await made.#browser.newPage());
    made.page.setDefaultTimeout(PATIENCE);
    await made.open();
    return made;
  }

  /** Loads the page, anew if it was there. */
  async open() {
    await this.page.goto(this.url);
    await this.page.waitForSelector(".monaco-workbench .part.statusbar");
  }

  /** Reloads the window as a person does, so that it keeps what it had open. */
  async reload() {
    await this.page.evaluate(() => document.body.setAttribute("data-old", ""));
    await this.command("Developer: Reload Window");
    await this.until("the window is new", async () => (await this.page.locator("body[data-old]").count()) === 0);
    await this.page.waitForSelector(".monaco-workbench .part.statusbar");
  }

  /** Ends what was started, and only that. */
  async stop() {
    await this.#browser?.close().catch(() => {});
    if (this.#server !== undefined && this.#server.exitCode === null) {
      const ended = new Promise(done => this.#server.once("exit", done));
      // Its own process group: the editor's hosts and the language server are in it.
      process.kill(-this.#server.pid, "SIGTERM");
      await ended;
    }
    if (this.#log !== undefined) fs.closeSync(this.#log);
  }

  /** The processes that it started, with their command lines. */
  processes() {
    const found = [];
    for (const pid of fs.readdirSync("/proc").filter(name => /^\d+$/.test(name))) {
      try {
        const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
        const group = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[2]);
        const words = fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
        if (group === this.#server.pid) found.push({ pid: Number(pid), words });
      } catch {
        // It ended meanwhile.
      }
    }
    return found;
  }

  /** Changes settings, as settings of the project. */
  set(settings) {
    const file = path.join(this.#project, ".vscode/settings.json");
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, JSON.stringify(settings));
  }

  /** Waits until something is true, and gives it. */
  async until(what, condition, patience = PATIENCE) {
    const end = Date.now() + patience;
    let last;
    for (;;) {
      try {
        last = await condition();
        if (last) return last;
      } catch (error) {
        last = error.message.split("\n")[0];
      }
      if (Date.now() > end) throw new Error(`not in time: ${what}${last ? ` (${last})` : ""}`);
      await new Promise(done => setTimeout(done, 50));
    }
  }

  /** Waits until a text is what it should be; else says both. */
  async equals(what, read, expected, patience = PATIENCE) {
    let found;
    try {
      await this.until(what, async () => (found = await read()) === expected, patience);
    } catch {
      throw new Error(`${what}: ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`);
    }
  }

  press(keys) {
    return this.page.keyboard.press(keys);
  }

  /** Types as a person does who pauses nowhere. */
  type(text) {
    return this.page.keyboard.type(text);
  }

  get quickInput() {
    return this.page.locator(".quick-input-widget");
  }

  /** Runs a command of the palette by its whole name. */
  async command(name) {
    await this.press("F1");
    const input = this.quickInput.locator("input.input");
    await input.waitFor();
    await input.fill(`>${name}`);
    await this.quickInput.locator(".monaco-list-row.focused", { hasText: name }).waitFor();
    await this.press("Enter");
    await this.until("the palette is closed", async () => {
      const text = await input.inputValue({ timeout: MOMENT }).catch(() => "");
      return !text.startsWith(">") || !(await this.quickInput.isVisible());
    });
  }

  /** Opens a file, with the cursor at a place that counts from 1. */
  async file(name, line = 1, column = 1) {
    await this.press("Control+p");
    const input = this.quickInput.locator("input.input");
    await input.waitFor();
    await input.fill(name);
    const base = name.slice(name.lastIndexOf("/") + 1);
    await this.quickInput.locator(".monaco-list-row.focused", { hasText: base }).waitFor();
    await this.press("Enter");
    await this.quickInput.waitFor({ state: "hidden" });
    await this.page.locator(".tab.active", { hasText: base }).waitFor();
    await this.cursor(line, column);
  }

  /** Puts the cursor of the active editor at a place. */
  async cursor(line, column) {
    await this.press("Control+g");
    const input = this.quickInput.locator("input.input");
    await input.waitFor();
    await input.fill(`:${line}:${column}`);
    await this.quickInput.locator(".monaco-list-row.focused", { hasText: new RegExp(`line ${line}\\b.*${column}\\b`) }).waitFor();
    await this.press("Enter");
    await this.quickInput.waitFor({ state: "hidden" });
    await this.equals("the cursor", () => this.position(), `Ln ${line}, Col ${column}`);
  }

  async position() {
    const text = await this.page.locator("#status\\.editor\\.selection").textContent({ timeout: MOMENT });
    return text.replace(/ \(.*/, "").trim();
  }

  /** Closes all editors and panels; what is not saved is thrown away. */
  async closeAll() {
    await this.command("View: Close All Editors");
    const dialog = this.page.locator(".monaco-dialog-box");
    await this.until("all editors are closed", async () => {
      if (await dialog.isVisible()) await dialog.getByRole("button", { name: "Don't Save" }).click();
      return (await this.page.locator(".tabs-container .tab").count()) === 0;
    });
  }

  /** What the status item says. */
  async status() {
    return (await this.page.locator('[id="tessera.tessera.status"] a').getAttribute("aria-label", { timeout: MOMENT })) ?? "";
  }

  /** Waits until the server has compiled, with this many errors. */
  async isReady(errors = 0) {
    const wanted = `Tessera: ready, ${errors} error${errors === 1 ? "" : "s"}`;
    let found = "";
    await this.until(`the server is at rest with ${errors} errors`, async () => {
      found = await this.status();
      return found.startsWith(wanted);
    }).catch(error => {
      throw new Error(`${error.message}: ${JSON.stringify(found)}`);
    });
  }

  /** The page of a webview, once it is there. */
  async webview(view) {
    return this.until(`the ${view} is open`, async () => {
      for (const frame of this.page.frames()) {
        const body = await frame.$(`body[data-view="${view}"]`).catch(() => null);
        if (body !== null) return frame;
      }
      return undefined;
    });
  }

  async screenshot(file) {
    // Nothing half faded in.
    await this.page.evaluate(() => {
      const ending = document.getAnimations().filter(one => Number.isFinite(one.effect?.getComputedTiming().endTime));
      return Promise.all(ending.map(one => one.finished.catch(() => {})));
    });
    await this.page.screenshot({ path: file });
  }
}

function freePort() {
  return new Promise((done, failed) => {
    const server = net.createServer();
    server.once("error", failed);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}
