/** The WebAssembly specification's tests on V8, wasm3 and in C: the same results and the same traps on all of them. */
import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { ABI_MODULE } from "../../abi/table.js";
import { cacheFolder } from "../../toolchain/project.js";
import { aotProgram, type LinkedApp, runProgram, wasm3Program } from "./engine-program.js";
import { Excluded, type Expected, type SpecApp, specApp } from "./spec-app.js";
import { type Action, specModules } from "./spec-suite.js";
import { trapWords } from "./v8-traps.js";

interface Case extends SpecApp, LinkedApp {
  /** Path of the module. */
  readonly file: string;
}

/** Actions that are compared: the suite is pinned, so that no change of ours makes them fewer unseen. */
const ACTIONS = 21_326;
const EXCLUDED: Readonly<Record<string, number>> = {
  "it imports what no firmware has": 6,
  "its memory has 0 pages": 20,
  "its names are not ASCII, which wabt's parseWat takes alone": 476,
};

/** Actions in modules that wasm3 does not take, by its words; on V8 and in C they are compared. */
const REFUSED: Readonly<Record<string, number>> = {
  "refused function 2: not a module that can run here: compiling function overran its stack height limit": 10,
};

const folder = cacheFolder("differential", "spec");
let cases: Case[];
const excluded = new Map<string, number>();

async function prepare(): Promise<Case[]> {
  await mkdir(folder, { recursive: true });
  const prepared: Case[] = [];
  for (const module of await specModules()) {
    if (module.actions.length === 0) continue;
    try {
      const app = await specApp(module);
      const key = createHash("sha256").update(app.wasm).digest("hex").slice(0, 16);
      const file = path.join(folder, `${key}.wasm`);
      await writeFile(file, app.wasm);
      prepared.push({ ...app, title: module.title, file });
    } catch (error) {
      if (!(error instanceof Excluded)) throw error;
      excluded.set(error.message, (excluded.get(error.message) ?? 0) + module.actions.length);
    }
  }
  return prepared;
}

// --- V8 ---------------------------------------------------------------------------------------------------------

/** A result, or the words of which an engine is to say one. */
type Outcome = bigint | readonly string[];

function runInV8({ wasm, actions }: Case): Outcome[] {
  const module = new WebAssembly.Module(wasm);
  let next = 0;
  const begin = () =>
    new WebAssembly.Instance(module, { [ABI_MODULE]: { next: () => next } }).exports[
      "rosehip_poll"
    ] as () => bigint;
  let poll = begin();
  const done: number[] = [];
  return actions.map((_, index) => {
    next = index;
    try {
      const bits = BigInt.asUintN(64, poll());
      done.push(index);
      return bits;
    } catch (error) {
      poll = begin();
      for (next of done) poll();
      return trapWords(error);
    }
  });
}

// --- The firmware's engines -------------------------------------------------------------------------------------

/** Lines of a board, for each case. */
function perCase(lines: readonly string[]): string[][] {
  let from = 0;
  const each = cases.map(({ actions }) => {
    from += actions.length;
    return lines.slice(from - actions.length, from);
  });
  expect(lines).toHaveLength(from);
  return each;
}

const WORDS: Readonly<Record<string, string>> = {
  "call stack exhausted": "stack overflow",
  unreachable: "unreachable executed",
};

const isNan = (bits: bigint, type: "f32" | "f64") =>
  type === "f32" ? (bits & 0x7fffffffn) > 0x7f800000n : (bits & (2n ** 63n - 1n)) > 0x7ff0000000000000n;

/** A NaN's payload is the engine's own business where the script says so. */
function plain(line: string, expected: Expected | undefined): string {
  if (expected === undefined || !("nan" in expected) || !line.startsWith("ok ")) return line;
  return isNan(BigInt(`0x${line.slice(3)}`), expected.nan) ? "ok nan" : line;
}

function agrees(line: string, outcome: Outcome, expected: Expected | undefined): boolean {
  if (typeof outcome === "bigint") return line === plain(`ok ${outcome.toString(16)}`, expected);
  return outcome.some((words) => line === `trap ${words}`);
}

function isAsScriptSays(line: string, { trap }: Action, expected: Expected | undefined): boolean {
  // Scripts add a number here and there: "uninitialized element 7".
  if (trap !== undefined) return line.startsWith("trap ") && (WORDS[trap] ?? trap).startsWith(line.slice(5));
  if (expected === undefined || "nothing" in expected) return line.startsWith("ok");
  return line === ("nan" in expected ? "ok nan" : `ok ${expected.bits.toString(16)}`);
}

describe("the specification's tests", () => {
  let interpreted: string[][];
  let compiled: string[][];

  beforeAll(async () => {
    cases = await prepare();
    const [wasm3, aot] = [await wasm3Program("spec.c"), await aotProgram("spec.c", cases)];
    const count = ({ actions }: Case) => actions.length;
    const modules = cases.map((each) => `${count(each)} ${each.file}`).join("\n");
    const numbers = cases.map((each, index) => `${count(each)} ${index}`).join("\n");
    interpreted = perCase(runProgram(wasm3, [], modules));
    compiled = perCase(runProgram(aot, [], numbers));
  });

  it("are all there, but those with a reason", () => {
    expect(Object.fromEntries(excluded)).toEqual(EXCLUDED);
    expect(cases.reduce((sum, { actions }) => sum + actions.length, 0)).toBe(ACTIONS);
  });

  it("have the same results in V8, in wasm3 and in C, and those that they ask for", () => {
    const faults: string[] = [];
    const unlikeScript: string[] = [];
    const refused = new Map<string, number>();
    cases.forEach((each, index) => {
      const inV8 = runInV8(each);
      each.actions.forEach((action, at) => {
        const expected = each.expected[at];
        const lines = [interpreted, compiled].map((all) => plain(all[index]?.[at] ?? "", expected));
        const [one = "", other = ""] = lines;
        const outcome = inV8[at] ?? 0n;
        const where = `${each.title}: ${action.name}(${action.parameters.map(({ text }) => text).join(" ")})`;
        if (one.startsWith("refused ")) refused.set(one, (refused.get(one) ?? 0) + 1);
        else if (one !== other) faults.push(`${where}: wasm3 ${one}, aot ${other}`);
        if (!agrees(other, outcome, expected)) {
          faults.push(`${where}: aot ${other}, V8 ${outcome}`);
        } else if (!each.grows && !isAsScriptSays(other, action, expected))
          unlikeScript.push(`${where}: ${other}`);
      });
    });
    expect(faults).toEqual([]);
    expect(unlikeScript).toEqual([]);
    expect(Object.fromEntries(refused)).toEqual(REFUSED);
  });
});
