import path from "node:path";
import type { Command } from "commander";
import { RosehipError } from "../host-agent/src/errors.js";
import type { BuildOptions, BuildResult } from "../toolchain/build/build.js";
import { guarded } from "./errors.js";

interface Options {
  readonly out?: string;
  readonly memory?: string;
  readonly names?: boolean;
  readonly target?: string;
}

/** What there is to build for, and the engine that runs it. */
const TARGETS: ReadonlyMap<string, "wasm3" | "aot"> = new Map([
  ["wasm", "wasm3"],
  ["c", "aot"],
]);

function settings(entry: string, { out, memory, names, target }: Options): BuildOptions {
  const engine = target === undefined ? undefined : TARGETS.get(target);
  if (target !== undefined && engine === undefined) {
    throw new RosehipError(
      "CLI_TARGET",
      `"${target}" is not a target; there are ${[...TARGETS.keys()].join(", ")}`,
    );
  }
  if (memory !== undefined && !/^\d+$/.test(memory)) {
    throw new RosehipError("CLI_MEMORY", `"${memory}" is not a number of octets`);
  }
  return {
    entry,
    ...(out !== undefined && { outDir: out }),
    ...(memory !== undefined && { memory: Number(memory) }),
    ...(names !== undefined && { names }),
    ...(engine !== undefined && { engine }),
  };
}

/** One line for people: what was built, and what it costs on the board. */
export function describeBuild({ wasmPath, size }: BuildResult): string {
  const file = path.relative(process.cwd(), wasmPath);
  return `${file}  ${size.total} octets (code ${size.code}, data ${size.data}), ${size.memory} octets of memory`;
}

async function build(entry: string, options: Options): Promise<void> {
  // The compiler takes half a second to load: only those who build pay for it.
  const { buildApp } = await import("../toolchain/build/build.js");
  const result = await buildApp(settings(entry, options));
  for (const warning of result.warnings) process.stderr.write(`${warning}\n`);
  process.stdout.write(`${describeBuild(result)}\n`);
  if (result.cPath !== undefined) {
    const file = path.relative(process.cwd(), result.cPath);
    process.stdout.write(`${file}  the same in C, for firmware with the engine aot\n`);
  }
}

export function addBuildCommand(program: Command): void {
  program
    .command("build")
    .description("compile an app to app.wasm, or to C")
    .argument("[entry]", "the app's main file or its folder", ".")
    .option("-o, --out <folder>", "where app.wasm goes; build/ beside the app if not given")
    .option("--memory <octets>", "linear memory, instead of the configuration's")
    .option("--target <target>", "wasm: app.wasm; c: app.c, too; by the configuration's engine if not given")
    .option("--names", "keep function names, so that a trap tells where it was")
    .action(guarded(build));
}
