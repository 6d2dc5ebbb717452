// The steps of vscode.mjs, each with what it claims as its name.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const MAIN = "src/financial-backend.tess";

/** All steps: name and what is done. */
export function* steps(world) {
  const { workbench, project, example, out, tessera } = world;
  const { page } = workbench;
  const file = name => path.join(project, name);
  const read = name => fs.readFileSync(file(name), "utf8");
  const original = fs.readFileSync(path.join(example, MAIN), "utf8");
  /** The line and column, from 1, of the first place of a text. */
  const find = (text, of = original) => {
    const before = of.slice(0, of.indexOf(text)).split("\n");
    assert.ok(of.includes(text), `the example has no ${text}`);
    return [before.length, before.at(-1).length + 1];
  };
  const save = async name => {
    const tab = page.locator(".tab.active", { hasText: path.basename(name) });
    let [pressed, seen] = [0, ""];
    await workbench.until(`${name} is saved`, async () => {
      if (/\bdirty\b/.test(await tab.getAttribute("class"))) {
        // What is typed while it is saved has to be saved, too, but not at once.
        if (Date.now() - pressed > 1000) {
          await workbench.press("Control+s");
          pressed = Date.now();
        }
        return false;
      }
      // While it is written, the file is empty.
      const before = seen;
      seen = read(name);
      return seen !== "" && seen === before;
    });
  };
  /** Replaces the text that begins at a place of the open file. */
  const replace = async (line, column, text, by) => {
    await workbench.cursor(line, column);
    for (let i = 0; i < text.length; i++) await workbench.press("Shift+ArrowRight");
    if (by === "") await workbench.press("Delete");
    else await page.keyboard.insertText(by);
  };
  const said = () => {
    const { stdout } = spawnSync(tessera, ["check", "--format", "json"], { cwd: project, encoding: "utf8" });
    return JSON.parse(stdout).diagnostics.map(found =>
      [found.message, found.primary.message, ...found.notes.map(note => `Note: ${note}`), found.help && `Help: ${found.help}`]
        .filter(part => part)
        .join("\n"),
    );
  };
  const squiggles = () => page.locator(".editor-instance .squiggly-error").count();
  const [limitLine, limitColumn] = find("revisionHistoryLimit");
  const misspell = async () => {
    await workbench.file(MAIN);
    await replace(limitLine, limitColumn, "revisionHistoryLimit", "revisionHistoryLimt");
    await workbench.isReady(1);
  };
  const preview = async () => {
    await workbench.command("Tessera: Open Preview to the Side");
    const view = await workbench.webview("preview");
    await workbench.until("the preview has objects", () => view.locator("article").count());
    return view;
  };
  const graph = async () => {
    await workbench.command("Tessera: Show Resource Graph");
    const view = await workbench.webview("graph");
    await workbench.until("the graph has boxes", () => view.locator(".box").count());
    return view;
  };
  const marked = view => view.locator("[aria-current=true]").allTextContents();

  yield [
    "the server starts and finds no error in the example",
    async () => {
      await workbench.file(MAIN);
      await workbench.isReady(0);
      assert.equal(await squiggles(), 0);
    },
  ];

  yield [
    "a mistake is underlined where it is typed",
    async () => {
      await misspell();
      await workbench.until("a squiggle", async () => (await squiggles()) > 0);
    },
  ];

  yield [
    "the problem says what `tessera check` says",
    async () => {
      await misspell();
      await save(MAIN);
      await workbench.cursor(limitLine, limitColumn + 2);
      await workbench.press("Control+k");
      await workbench.press("Control+i");
      const message = page.locator(".monaco-hover:not(.hidden) .marker.hover-contents").first().locator("span").first();
      await message.waitFor();
      assert.deepEqual([await message.innerText()], said());
    },
  ];

  yield [
    "the fix is offered and mends it",
    async () => {
      await misspell();
      await workbench.cursor(limitLine, limitColumn + 2);
      await workbench.press("Control+.");
      const widget = page.locator(".action-widget");
      const fix = widget.locator(".monaco-list-row.action.focused", { hasText: "replace it with `revisionHistoryLimit`" });
      await widget.locator(".monaco-list-row.action").first().waitFor();
      await workbench.until("the fix is chosen", async () => {
        if (await fix.isVisible()) return true;
        await workbench.press("ArrowDown");
        return false;
      });
      await workbench.press("Enter");
      await workbench.isReady(0);
      await save(MAIN);
      assert.equal(read(MAIN), original);
    },
  ];

  yield [
    "completion offers the fields that are missing, and puts one in",
    async () => {
      await workbench.file(MAIN);
      await workbench.cursor(limitLine, 1);
      await page.keyboard.insertText(`${" ".repeat(limitColumn - 1)}\n`);
      await workbench.cursor(limitLine, limitColumn);
      await workbench.type("minReady");
      const row = page.locator(".suggest-widget.visible .monaco-list-row.focused", { hasText: "minReadySeconds" });
      await workbench.press("Control+Space");
      await row.waitFor();
      await workbench.press("Enter");
      await workbench.type("5");
      await save(MAIN);
      assert.match(read(MAIN), /\n {8}minReadySeconds: 5\n {8}revisionHistoryLimit: 3\n/);
    },
  ];

  yield [
    "hover shows the documentation of a field",
    async () => {
      await workbench.file(MAIN);
      await workbench.cursor(limitLine, limitColumn + 2);
      await workbench.press("Control+k");
      await workbench.press("Control+i");
      const hover = page.locator(".monaco-hover:not(.hidden)", { hasText: "old ReplicaSets" });
      await hover.waitFor();
    },
  ];

  yield [
    "a definition in the standard library is shown",
    async () => {
      await workbench.file(MAIN);
      const [line, column] = find("recommended({");
      await workbench.cursor(line, column + 1);
      await workbench.press("F12");
      await page.locator(".tab.active", { hasText: "labels.tess" }).waitFor();
      await page.locator(".editor-instance .view-line", { hasText: /fn.recommended/ }).first().waitFor();
    },
  ];

  yield [
    "a name is renamed in all files",
    async () => {
      await workbench.file(MAIN);
      const [line, column] = find("cache-memory(redis-cache.size)");
      await workbench.cursor(line, column + 1);
      await workbench.press("F2");
      const input = page.locator(".rename-box input, .rename-box .rename-input").first();
      await input.waitFor();
      await input.fill("cache-size");
      await workbench.press("Enter");
      await input.waitFor({ state: "hidden" });
      await workbench.command("File: Save All Files");
      await workbench.until("both files have the new name", () =>
        [MAIN, "src/sizes.tess"].every(name => read(name).includes("cache-size(") && !read(name).includes("cache-memory(")),
      );
      await workbench.isReady(0);
    },
  ];

  yield [
    "formatting does what `tessera fmt` does",
    async () => {
      await workbench.file(MAIN);
      await replace(limitLine, limitColumn, "revisionHistoryLimit: 3", "  revisionHistoryLimit   :3");
      await workbench.command("Format Document");
      // As soon as it is done, and it may be done after the first look.
      await workbench.until("the text is in order", async () => {
        await save(MAIN);
        return read(MAIN) === original;
      });
      execFileSync(tessera, ["fmt", "--check", file(MAIN)]);
    },
  ];

  yield [
    "a YAML instance has its errors at its own lines",
    async () => {
      const name = "instances/tenantabc-eu-west.yaml";
      const text = fs.readFileSync(path.join(example, name), "utf8");
      const [line, column] = find("size: large", text);
      await workbench.file(name);
      await replace(line, column + 6, "large", "lage");
      await workbench.isReady(1);
      await workbench.until("a squiggle", async () => (await squiggles()) > 0);
    },
  ];

  yield [
    "a YAML instance has completion of values and documentation of fields",
    async () => {
      const name = "instances/tenantabc-eu-west.yaml";
      const text = fs.readFileSync(path.join(example, name), "utf8");
      const [line, column] = find("size: large", text);
      await workbench.file(name, line, column + 1);
      await workbench.press("Control+k");
      await workbench.press("Control+i");
      await page.locator(".monaco-hover:not(.hidden)", { hasText: "Size" }).first().waitFor();
      await workbench.press("Escape");
      await replace(line, column + 6, "large", "");
      await workbench.press("Control+Space");
      await page.locator(".suggest-widget.visible .monaco-list-row", { hasText: "medium" }).first().waitFor();
    },
  ];

  yield [
    "a code lens opens the preview of its instance, another one shows uses",
    async () => {
      await workbench.file("instances/tenant-abc-eu-west.tess");
      // Lenses are put anew when they are told what to say; a click may fall in between.
      const lens = (text, opened) =>
        workbench.until(`the lens ${text} opens something`, async () => {
          await page.locator(".codelens-decoration a", { hasText: text }).first().click({ timeout: 3000 });
          await opened.first().waitFor({ timeout: 3000 });
          return true;
        });
      await lens("Preview 24 objects", page.locator(".tab", { hasText: "Preview" }));
      const view = await workbench.webview("preview");
      await workbench.equals("objects", () => view.locator("article").count(), 24);
      await workbench.file("src/sizes.tess");
      await lens(/\d+ references?/, page.locator(".peekview-widget .ref-tree .monaco-list-row"));
      await workbench.press("Escape");
    },
  ];

  yield [
    "the preview shows the objects and marks the one that the cursor is in",
    async () => {
      await workbench.file(MAIN, ...find("revisionHistoryLimit"));
      const view = await preview();
      const built = execFileSync(tessera, ["build", "--instance", "tenant-abc-eu-west"], { cwd: project, encoding: "utf8" });
      await workbench.equals("objects", () => view.locator("article").count(), built.split(/^---$/m).length);
      await workbench.until("the Deployments are marked", async () => {
        const titles = await marked(view);
        return titles.length === 2 && titles.every(title => title.startsWith("Deployment "));
      });
      await workbench.cursor(...find("ingressClassName"));
      await workbench.equals("the mark", async () => (await marked(view)).join(), "Ingress tenant-abc-eu-west");
      const box = await view.locator("article.marked").boundingBox();
      assert.ok(box !== null && box.y < 800, "the marked object is in sight");
    },
  ];

  yield [
    "the preview follows what is typed, before it is saved",
    async () => {
      await workbench.file(MAIN, ...find("revisionHistoryLimit"));
      const view = await preview();
      await replace(limitLine, limitColumn, "revisionHistoryLimit: 3", "revisionHistoryLimit: 7");
      await view.locator("article", { hasText: "revisionHistoryLimit: 7" }).first().waitFor();
      assert.equal(read(MAIN), original);
    },
  ];

  yield [
    "in the preview arrow keys go from object to object, Enter to the source",
    async () => {
      await workbench.file(MAIN);
      const view = await preview();
      await view.locator(".title").first().focus();
      for (const key of ["End", "ArrowUp", "Home", "ArrowDown"]) await page.keyboard.press(key);
      const focused = () => view.evaluate(() => document.activeElement?.textContent ?? "");
      await workbench.equals("the focus", focused, "ConfigMap tenant-abc-eu-west-settings");
      const outline = await view.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
      assert.notEqual(outline, "none", "the focus is seen");
      await page.keyboard.press("Enter");
      const [line] = find("resource settings");
      await workbench.until("the cursor is at the source", async () => (await workbench.position()).startsWith(`Ln ${line},`));
    },
  ];

  yield [
    "the preview shows another target when one is chosen, and again after a reload",
    async () => {
      await workbench.file(MAIN);
      let view = await preview();
      await view.locator("#target").selectOption("crossplane");
      await view.locator("article", { hasText: "kind: CompositeResourceDefinition" }).first().waitFor();
      await workbench.reload();
      await workbench.isReady(0);
      view = await workbench.webview("preview");
      await view.locator("article", { hasText: "kind: CompositeResourceDefinition" }).first().waitFor();
      assert.equal(await view.locator("#target").inputValue(), "crossplane");
    },
  ];

  yield [
    "the graph shows resources and references, and Enter goes to a source",
    async () => {
      await workbench.file(MAIN);
      const view = await graph();
      const drawn = execFileSync(tessera, ["graph"], { cwd: project, encoding: "utf8" });
      assert.equal(await view.locator(".box").count(), drawn.match(/^ {2}\d+\. /gm).length);
      assert.equal(await view.locator(".arrow").count(), drawn.match(/^ {7}reads /gm).length);
      assert.equal(await view.locator(".spoken li").count(), await view.locator(".box").count());
      const workload = view.locator(".box", { hasText: "workload" });
      assert.match(await workload.getAttribute("aria-label"), /arrows to .*account/);
      await workload.focus();
      await page.keyboard.press("ArrowLeft");
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("Enter");
      const lines = ["workload", "autoscaler", "cache", "database-server"].map(name => find(`resource ${name}:`)[0]);
      await workbench.until("the cursor is at a source", async () => {
        const at = Number(/Ln (\d+)/.exec(await workbench.position())?.[1]);
        return lines.includes(at);
      });
    },
  ];

  yield [
    "“Why is this value here?” lists the steps and goes to one",
    async () => {
      await workbench.file(MAIN, ...find("resource entry"));
      await workbench.command("Tessera: Why Is This Value Here?");
      const input = workbench.quickInput.locator("input.input");
      await workbench.quickInput.locator(".monaco-list-row", { hasText: "spec.ingressClassName" }).first().waitFor();
      await input.fill("ingressClassName");
      await workbench.quickInput.locator(".monaco-list-row.focused", { hasText: "spec.ingressClassName" }).waitFor();
      await workbench.press("Enter");
      await workbench.quickInput.locator(".monaco-list-row", { hasText: "src/financial-backend.tess:" }).first().waitFor();
      await workbench.press("Enter");
      const [line] = find("ingressClassName");
      await workbench.until("the cursor is there", async () => (await workbench.position()).startsWith(`Ln ${line},`));
    },
  ];

  yield [
    "the representation is shown as JSON",
    async () => {
      await workbench.file(MAIN);
      await workbench.command("Tessera: Show Compiled Representation");
      await page.locator(".tab.active", { hasText: "financial-backend.tess.json" }).waitFor();
      await page.locator(".editor-group-container.active .view-lines", { hasText: '"composites"' }).waitFor();
    },
  ];

  yield [
    "a build runs as a task",
    async () => {
      await workbench.file(MAIN);
      await workbench.command("Tessera: Build Project");
      // What it printed is drawn on a canvas; the sign beside its name tells how it ended.
      await page.locator(".part.panel .single-terminal-tab", { hasText: "build - Task" }).waitFor();
      await page.locator(".part.panel .single-terminal-tab .codicon-check").waitFor();
      await workbench.command("View: Hide Panel");
    },
  ];

  yield [
    "a program that is not there is told, with a way forward, and found again",
    async () => {
      await workbench.file(MAIN);
      workbench.set({ "tessera.path": "/nowhere/tessera" });
      const toast = page.locator(".notification-toast", { hasText: "there is no program" });
      await toast.waitFor();
      await toast.getByRole("button", { name: "Open Settings" }).waitFor();
      await workbench.until("the status item says so", async () => (await workbench.status()).includes("/nowhere/tessera"));
      workbench.set({});
      await workbench.isReady(0);
      await workbench.command("Notifications: Clear All Notifications");
    },
  ];

  yield [
    "a program that is too old to have a language server is told once",
    async () => {
      const old = path.join(out, "tessera-old");
      fs.writeFileSync(old, '#!/bin/sh\n[ "$1" = --version ] && echo tessera 0.1.0 && exit 0\nexit 2\n', { mode: 0o755 });
      await workbench.file(MAIN);
      workbench.set({ "tessera.path": old });
      const toast = page.locator(".notification-toast", { hasText: "which has no language server" });
      await toast.getByRole("button", { name: "Try Again" }).waitFor();
      assert.equal(await page.locator(".notification-toast").count(), 1);
      workbench.set({});
      await workbench.isReady(0);
      await workbench.command("Notifications: Clear All Notifications");
    },
  ];

  yield [
    "a server that dies is started anew",
    async () => {
      await workbench.file(MAIN);
      const alive = () => workbench.processes().filter(({ words }) => words[0].endsWith("/bin/tessera") && words[1] === "lsp");
      const [server] = alive();
      assert.ok(server !== undefined && alive().length === 1, "one server runs");
      process.kill(server.pid, "SIGKILL");
      await workbench.until("another one runs", () => alive().some(({ pid }) => pid !== server.pid));
      await workbench.isReady(0);
      await replace(limitLine, limitColumn, "revisionHistoryLimit", "revisionHistoryLimt");
      await workbench.isReady(1);
    },
  ];

  yield [
    "axe finds nothing that keeps anyone out of the preview and the graph",
    async () => {
      await workbench.file(MAIN);
      assert.deepEqual(await hurdles(await preview()), []);
      assert.deepEqual(await hurdles(await graph()), []);
    },
  ];

  yield [
    "ten thousand lines stay quick in the preview",
    async () => {
      const count = 800;
      fs.writeFileSync(
        file("src/many.tess"),
        `composite Many: examples.tessera.dev/v1 {\n  for i in lists.range(${count}) by string(i) {\n    resource one: v1/ConfigMap {\n      metadata: { name: "many-\${i}", labels: { a: "b", c: "d", e: "f" } }\n      data: { one: "1", two: "2", three: "3", four: "4" }\n    }\n  }\n}\n\nMany much in somewhere {}\n`,
      );
      await workbench.file("src/many.tess", 5, 7);
      await workbench.isReady(0);
      const view = await preview();
      await workbench.equals("objects", () => view.locator("article").count(), count);
      const lines = await view.evaluate(() => document.querySelector("main").textContent.split("\n").length);
      assert.ok(lines > 10_000, `${lines} lines`);
      const took = await view.evaluate(async () => {
        const frame = () => new Promise(done => requestAnimationFrame(done));
        const main = document.querySelector("main");
        let longest = 0;
        for (let i = 0; i < 30; i++) {
          const begun = performance.now();
          main.scrollTop = (main.scrollHeight * i) / 30;
          main.getBoundingClientRect();
          await frame();
          longest = Math.max(longest, performance.now() - begun);
        }
        return longest;
      });
      assert.ok(took < 1000, `a frame took ${took.toFixed(0)} ms`);
    },
  ];

  for (const [theme, name] of [
    ["Default Dark Modern", "dark"],
    ["Default Light Modern", "light"],
    ["Default High Contrast", "high-contrast"],
    ["Default High Contrast Light", "high-contrast-light"],
  ]) {
    yield [
      `the preview and the graph can be read in ${theme}`,
      async () => {
        workbench.set({ "workbench.colorTheme": theme });
        await workbench.file(MAIN, ...find("revisionHistoryLimit"));
        const view = await preview();
        await view.locator("article.marked").first().waitFor();
        await workbench.until("the theme is there", () => page.locator(`.monaco-workbench[class*="${themeClass(theme)}"]`).count());
        await workbench.until("the contrast is enough", () => contrast(view));
        await workbench.screenshot(path.join(out, `preview-${name}.png`));
        const drawing = await graph();
        await workbench.until("the contrast is enough", () => contrast(drawing));
        await workbench.screenshot(path.join(out, `graph-${name}.png`));
      },
    ];
  }

  yield [
    "the picture for the README is taken",
    async () => {
      await workbench.command("View: Toggle Primary Side Bar Visibility");
      await workbench.file(MAIN, limitLine, limitColumn);
      const view = await preview();
      await view.locator("article.marked").first().waitFor();
      await replace(limitLine, limitColumn, "revisionHistoryLimit", "revisionHistoryLimt");
      await workbench.isReady(1);
      await workbench.cursor(limitLine, limitColumn + 2);
      await workbench.press("Control+k");
      await workbench.press("Control+i");
      await page.locator(".monaco-hover:not(.hidden) .marker.hover-contents").first().waitFor();
      await workbench.screenshot(path.join(out, "editor.png"));
      await workbench.press("Escape");
      await workbench.command("View: Toggle Primary Side Bar Visibility");
    },
  ];
}

function themeClass(theme) {
  return { "Default Dark Modern": "dark_modern", "Default Light Modern": "light_modern", "Default High Contrast": "hc_black", "Default High Contrast Light": "hc_light" }[theme];
}

/** What axe says against a webview: its rules and where. */
async function hurdles(view) {
  const source = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  await view.evaluate(source);
  return view.evaluate(async () => {
    // Colours are judged in each theme.
    const { violations } = await globalThis.axe.run(document, { rules: { "color-contrast": { enabled: false } } });
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200)}`);
  });
}

/** Whether all texts in sight stand out from what is behind them by 4.5 to 1; else the one that does not. */
function contrast(view) {
  return view.evaluate(() => {
    const numbers = color => {
      const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
      return { r, g, b, a: a / 255 };
    };
    const over = (top, below) => {
      const mixed = part => Math.round(top[part] * top.a + below[part] * (1 - top.a));
      return { r: mixed("r"), g: mixed("g"), b: mixed("b"), a: 1 };
    };
    const light = ({ r, g, b }) => {
      const linear = value => (value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
      return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
    };
    const raw = element => {
      const style = getComputedStyle(element);
      return element.tagName === "rect" ? style.fill : style.backgroundColor;
    };
    const behind = element => {
      const layers = [];
      for (let at = element; at !== null; at = at.parentElement) {
        const rect = at.tagName === "g" ? at.querySelector("rect") : null;
        if (rect !== null) layers.push(numbers(raw(rect)));
        layers.push(numbers(raw(at)));
      }
      return layers.reverse().reduce((below, top) => over(top, below), { r: 255, g: 255, b: 255, a: 1 });
    };
    const texts = [...document.querySelectorAll(".title, h2, .key, .string, .number, .constant, .summary, label, select, .messages li, .name, .detail")];
    for (const element of texts.filter(element => element.checkVisibility?.() ?? true).slice(0, 400)) {
      const style = getComputedStyle(element);
      const back = behind(element);
      const front = over(numbers(element instanceof SVGElement ? style.fill : style.color), back);
      const [a, b] = [light(front), light(back)].sort((x, y) => y - x);
      const ratio = (a + 0.05) / (b + 0.05);
      if (ratio < 4.5) throw new Error(`${element.className.baseVal ?? element.className} ${element.textContent.slice(0, 30)}: ${ratio.toFixed(1)}`);
    }
    return texts.length > 0;
  });
}
