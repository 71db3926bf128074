/** Reads scripts of the WebAssembly specification's test suite (.wast), as far as engines are compared with them. */

/** A word or string of the script as it stands there, or a list. */
export type Item = string | Expression;

export interface Expression {
  readonly items: readonly Item[];
  /** All of it, as written. */
  readonly text: string;
}

const TOKEN = /\s+|;;[^\n]*|\(;|[()]|"(?:[^"\\]|\\.)*"|[^\s()";]+/gy;

/** The top-level expressions of a script. */
export function parseScript(script: string): Expression[] {
  const open: { items: Item[]; start: number }[] = [{ items: [], start: 0 }];
  const token = new RegExp(TOKEN);
  while (token.lastIndex < script.length) {
    const start = token.lastIndex;
    const found = token.exec(script)?.[0];
    if (found === undefined)
      throw new Error(`unexpected text at ${start}: ${script.slice(start, start + 20)}`);
    if (found === "(;") token.lastIndex = endOfComment(script, start);
    else if (found === "(") open.push({ items: [], start });
    else if (found === ")") {
      const closed = open.pop();
      const text = script.slice(closed?.start, start + 1);
      open.at(-1)?.items.push({ items: closed?.items ?? [], text });
    } else if (!/^(\s|;;)/.test(found)) open.at(-1)?.items.push(found);
  }
  return (open[0]?.items ?? []).filter((item) => typeof item !== "string");
}

/** Comments in brackets nest. */
function endOfComment(script: string, start: number): number {
  const mark = /\(;|;\)/g;
  mark.lastIndex = start;
  let depth = 0;
  for (let found = mark.exec(script); found !== null; found = mark.exec(script)) {
    depth += found[0] === "(;" ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  throw new Error(`the comment at ${start} has no end`);
}

/** The first word of an expression: what it is. */
export const kindOf = (item: Item | undefined): string =>
  typeof item === "object" && typeof item.items[0] === "string" ? item.items[0] : "";

export const expressions = ({ items }: Expression): Expression[] =>
  items.filter((item) => typeof item !== "string");

const ESCAPES: Readonly<Record<string, string>> = {
  t: "\t",
  n: "\n",
  r: "\r",
  '"': '"',
  "'": "'",
  "\\": "\\",
};

/** The octets of a string. */
export function octetsOf(literal: string): Buffer {
  const parts = literal.slice(1, -1).matchAll(/\\u\{([\dA-Fa-f]+)\}|\\([\dA-Fa-f]{2})|\\(.)|[^\\]+/gs);
  return Buffer.concat(
    [...parts].map(([whole, point, octet, escaped]) => {
      if (point !== undefined) return Buffer.from(String.fromCodePoint(Number.parseInt(point, 16)));
      if (octet !== undefined) return Buffer.from(octet, "hex");
      return Buffer.from(escaped === undefined ? whole : (ESCAPES[escaped] ?? escaped));
    }),
  );
}
