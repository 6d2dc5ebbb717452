// Colours for YAML as the compiler writes it.

import { element } from "./dom";

const LINE = /^(\s*(?:- )*)(?:("(?:[^"\\]|\\.)*"|[^\s"'#[\]{}|>][^:]*?)(:)(?= |$))?(.*)$/;

/** The lines with spans around keys and values; their text is the same. */
export function coloured(text: string): Node[] {
  const nodes: Node[] = [];
  let plain = "";
  const flush = () => {
    if (plain !== "") {
      nodes.push(document.createTextNode(plain));
      plain = "";
    }
  };
  const span = (kind: string, of: string) => {
    flush();
    nodes.push(element("span", { class: kind }, of));
  };
  for (const line of text.split(/(?<=\n)/)) {
    const [, blank = "", key, colon = "", value = ""] = LINE.exec(line.replace(/\n$/, "")) ?? [];
    plain += blank;
    if (key !== undefined) {
      span("key", key);
      plain += colon;
    }
    const kind = kindOf(value.trim());
    if (kind === undefined) {
      plain += value;
    } else {
      span(kind, value);
    }
    plain += line.endsWith("\n") ? "\n" : "";
  }
  flush();
  return nodes;
}

function kindOf(value: string): string | undefined {
  if (value === "") {
    return undefined;
  }
  if (value.startsWith("#")) {
    return "comment";
  }
  if (/^-?\d+(\.\d+)?(e[-+]?\d+)?$/i.test(value)) {
    return "number";
  }
  return /^(true|false|null|\[\]|\{\}|[|>][-+]?)$/.test(value) ? "constant" : "string";
}
