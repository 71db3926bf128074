import { ABI_FUNCTIONS, type AbiFunction, type AbiParameter } from "../table.js";

/** First lines of every generated file, in a comment. */
export const GENERATED = "Generated from abi/table.ts by `npm run abi`; do not edit.";

/** One WebAssembly parameter of a function: `text` and `bytes` become two. */
export interface WasmParameter {
  readonly name: string;
  readonly type: "i32" | "u32" | "i64" | "usize";
}

export function wasmParameters(fn: AbiFunction): WasmParameter[] {
  return fn.parameters.flatMap(expand);
}

function expand(parameter: AbiParameter): WasmParameter[] {
  switch (parameter.type) {
    case "text":
    case "bytes":
      return [
        { name: `${parameter.name}_address`, type: "usize" },
        { name: `${parameter.name}_length`, type: "u32" },
      ];
    case "pointer":
      return [{ name: parameter.name, type: "usize" }];
    case "handle":
      return [{ name: parameter.name, type: "i32" }];
    default:
      return [{ name: parameter.name, type: parameter.type }];
  }
}

/** wasm3's notation, `i(iiii)`: v void, i 32-bit integer or address, I 64-bit integer. */
export function wasm3Signature(fn: AbiFunction): string {
  const result = { void: "v", i32: "i", i64: "I" }[fn.result];
  return `${result}(${wasmParameters(fn)
    .map(({ type }) => (type === "i64" ? "I" : "i"))
    .join("")})`;
}

export function camelCase(snake: string): string {
  return snake.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** Breaks prose into lines of at most `width` characters. */
export function wrap(prose: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of prose.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  return lines;
}

/** The longest function name, for columns that line up. */
export const NAME_WIDTH = Math.max(...ABI_FUNCTIONS.map(({ name }) => name.length));
