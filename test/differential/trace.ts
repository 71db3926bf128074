/**
 * Records what an app does on V8: every poll, every call of the firmware with its arguments, what the firmware wrote into
 * memory and returned, and at the end of each poll a sum of all memory. replay.c lets an engine do it again.
 *
 *   new                        a new instance of the app
 *   poll                       runs it; then any number of
 *     call NAME ARGUMENT...    in hex; i32 without sign
 *     write ADDRESS OCTETS     by the firmware, in that call
 *     return RESULT
 *   done WAKE SUM              or
 *   trap WORDS
 */
import { ABI_EXPORTS, ABI_MODULE } from "../../abi/table.js";
import { trapWords } from "./v8-traps.js";

type Imports = Record<
  string,
  Record<string, (...values: (number | bigint)[]) => number | bigint | undefined>
>;

const hex = (value: number | bigint | undefined) =>
  (typeof value === "bigint" ? BigInt.asUintN(64, value) : (value ?? 0) >>> 0).toString(16);

/** FNV-1a over words. */
function sumOf(memory: Uint8Array): number {
  const words = new Uint32Array(memory.buffer, memory.byteOffset, memory.byteLength / 4);
  let sum = 2166136261;
  for (const word of words) sum = Math.imul(sum ^ word, 16777619) >>> 0;
  return sum;
}

/** While it is open, every instance of every module is recorded, each module's in a trace of its own. */
export class Recorder implements Disposable {
  readonly traces = new Map<WebAssembly.Module, string[]>();
  private readonly original = WebAssembly.Instance;

  constructor() {
    const { original, traces } = this;
    const record = (module: WebAssembly.Module, imports: Imports) => {
      const trace = traces.get(module) ?? [];
      traces.set(module, trace);
      return { exports: recorded(original, module, imports, trace) };
    };
    // biome-ignore lint/complexity/useArrowFunction: it is called with `new`
    WebAssembly.Instance = function (module: WebAssembly.Module, imports: Imports) {
      return record(module, imports);
    } as unknown as typeof WebAssembly.Instance;
  }

  [Symbol.dispose](): void {
    WebAssembly.Instance = this.original;
  }
}

function recorded(
  Instance: typeof WebAssembly.Instance,
  module: WebAssembly.Module,
  imports: Imports,
  trace: string[],
): Record<string, unknown> {
  let memory = new Uint8Array();
  const functions = Object.entries(imports[ABI_MODULE] ?? {}).map(([name, call]) => {
    const wrapped = (...values: (number | bigint)[]) => {
      trace.push(["call", name, ...values.map(hex)].join(" "));
      const before = memory.slice();
      const result = call(...values);
      trace.push(...writes(before, memory), `return ${hex(result)}`);
      return result;
    };
    return [name, wrapped] as const;
  });
  const { exports } = new Instance(module, { [ABI_MODULE]: Object.fromEntries(functions) });
  const bytes = Number((exports[ABI_EXPORTS.memoryBytes.name] as WebAssembly.Global).value);
  memory = new Uint8Array((exports[ABI_EXPORTS.memory.name] as WebAssembly.Memory).buffer, 0, bytes);
  trace.push("new");
  const poll = exports[ABI_EXPORTS.poll.name] as () => bigint;
  const recordedPoll = () => {
    trace.push("poll");
    try {
      const wake = poll();
      trace.push(`done ${hex(wake)} ${hex(sumOf(memory))}`);
      return wake;
    } catch (error) {
      trace.push(`trap ${trapWords(error).join("|")}`);
      throw error;
    }
  };
  return { ...exports, [ABI_EXPORTS.poll.name]: recordedPoll };
}

/** The octets that changed, one line for each run of them. */
function writes(before: Uint8Array, after: Uint8Array): string[] {
  const lines: string[] = [];
  for (let at = 0; at < after.length; at++) {
    if (before[at] === after[at]) continue;
    const start = at;
    while (at < after.length && before[at] !== after[at]) at++;
    lines.push(`write ${hex(start)} ${Buffer.from(after.subarray(start, at)).toString("hex")}`);
  }
  return lines;
}
