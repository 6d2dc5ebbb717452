// The fields of an object as the compiler writes it in YAML, with the paths
// that `tessera why` takes. Reads that form only: two blanks a level, lists no
// deeper than their key, nothing folded.

export interface Field {
  /** `.spec.containers[0].image`, and `["a.b/c"]` for keys that are no plain words. */
  path: string;
  /** What stands behind the colon; empty where something deeper follows. */
  value: string;
  line: number;
}

interface Level {
  column: number;
  /** The path of the map or list. */
  prefix: string;
  /** The path of the entry that was read last. */
  entry: string;
  /** The place in a list; `undefined` in a map. */
  index: number | undefined;
}

const KEY = /^("(?:[^"\\]|\\.)*"|[^\s"'#[\]{}][^:]*?):(?: (.*))?$/;
const BLOCK = /^[|>][-+0-9]*$/;

export function fields(lines: string[]): Field[] {
  const found: Field[] = [];
  const levels: Level[] = [];
  let block = Number.POSITIVE_INFINITY;
  lines.forEach((text, line) => {
    let column = text.search(/\S/);
    if (column < 0 || text.startsWith("#") || text === "---") {
      return;
    }
    if (column > block) {
      return;
    }
    block = Number.POSITIVE_INFINITY;
    let rest = text.slice(column);
    while (rest.startsWith("- ")) {
      const list = level(levels, column, true);
      list.index = (list.index ?? -1) + 1;
      list.entry = `${list.prefix}[${list.index}]`;
      const blanks = rest.slice(1).search(/\S/) + 1;
      column += blanks;
      rest = rest.slice(blanks);
    }
    const key = KEY.exec(rest);
    if (key === null) {
      const path = levels.at(-1)?.entry;
      if (path !== undefined) {
        found.push({ path, value: rest, line });
      }
      return;
    }
    const map = level(levels, column, false);
    map.entry = map.prefix + segment(key[1] ?? "");
    const value = key[2] ?? "";
    if (BLOCK.test(value)) {
      block = column;
    }
    found.push({ path: map.entry, value, line });
  });
  return found;
}

/** `Kind/name`, as `tessera why` calls the object; `undefined` where it has no name. */
export function objectName(all: Field[]): string | undefined {
  const value = (path: string) => {
    const text = all.find(field => field.path === path)?.value;
    return text?.startsWith('"') ? unquoted(text) : text;
  };
  const [kind, name] = [value(".kind"), value(".metadata.name")];
  return kind === undefined || name === undefined ? undefined : `${kind}/${name}`;
}

/** The list or map at a column, a new one where there was none. */
function level(levels: Level[], column: number, isList: boolean): Level {
  let top = levels.at(-1);
  while (top !== undefined && (top.column > column || (top.column === column && !isList && top.index !== undefined))) {
    levels.pop();
    top = levels.at(-1);
  }
  if (top !== undefined && top.column === column && isList === (top.index !== undefined)) {
    return top;
  }
  const prefix = top?.entry ?? "";
  const next: Level = { column, prefix, entry: prefix, index: isList ? -1 : undefined };
  levels.push(next);
  return next;
}

function segment(key: string): string {
  const name = key.startsWith('"') ? unquoted(key) : key;
  return /^[A-Za-z_][\w-]*$/.test(name) ? `.${name}` : `["${name}"]`;
}

function unquoted(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return text.slice(1, -1);
  }
}
