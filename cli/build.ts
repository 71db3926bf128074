import path from "node:path";
import type { Command } from "commander";
import { RosehipError } from "../host-agent/src/errors.js";
import type { BuildOptions, BuildResult } from "../toolchain/build/build.js";
import { TARGETS, type Target } from "../toolchain/firmware/target.js";
import { guarded } from "./errors.js";

interface Options {
  readonly out?: string;
  readonly memory?: string;
  readonly names?: boolean;
  readonly target?: string;
}

/** The app alone, and the engine that runs it. */
const FORMS: ReadonlyMap<string, "wasm3" | "aot"> = new Map([
  ["wasm", "wasm3"],
  ["c", "aot"],
]);

/** What the firmware is to be built for, too; undefined: the app alone. */
function firmwareTarget(target: string | undefined): Target | undefined {
  if (target === undefined || FORMS.has(target)) return undefined;
  const found = TARGETS.find((one) => one === target);
  if (found !== undefined) return found;
  const known = [...FORMS.keys(), ...TARGETS].join(", ");
  throw new RosehipError("CLI_TARGET", `"${target}" is not a target; there are ${known}`);
}

function settings(entry: string, { out, memory, names, target }: Options): BuildOptions {
  const engine = target === undefined ? undefined : FORMS.get(target);
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
export function describeBuild({ wasmPath, cPath, size }: BuildResult): string {
  const file = path.relative(process.cwd(), wasmPath);
  const flash = `${size.total} octets${cPath === undefined ? " of flash" : ""} (code ${size.code}, data ${size.data})`;
  return `${file}  ${flash}, ${size.memory} octets of wasm memory`;
}

async function build(entry: string, options: Options): Promise<void> {
  // The compiler takes half a second to load: only those who build pay for it.
  const { buildApp } = await import("../toolchain/build/build.js");
  const target = firmwareTarget(options.target);
  const result = await buildApp(settings(entry, options));
  for (const warning of result.warnings) process.stderr.write(`${warning}\n`);
  process.stdout.write(`${describeBuild(result)}\n`);
  if (result.cPath !== undefined) {
    const file = path.relative(process.cwd(), result.cPath);
    process.stdout.write(`${file}  the same in C, for firmware with the engine aot\n`);
  }
  if (target === undefined) {
    process.stdout.write(`${HINT}\n`);
    return;
  }
  const { reportFirmware } = await import("../toolchain/footprint/report.js");
  const { footprintTable } = await import("./footprint-table.js");
  process.stdout.write(`${footprintTable(await reportFirmware(result, target))}\n`);
}

const HINT =
  "Flash, RAM, arena and stack of the firmware with it: rosehip build --target qemu_riscv32 (or qemu_cortex_m)";

export function addBuildCommand(program: Command): void {
  program
    .command("build")
    .description("compile an app to app.wasm, or to C; or the firmware with it, and tell what it takes")
    .argument("[entry]", "the app's main file or its folder", ".")
    .option("-o, --out <folder>", "where app.wasm goes; build/ beside the app if not given")
    .option("--memory <octets>", "linear memory, instead of the configuration's")
    .option(
      "--target <target>",
      `wasm: app.wasm; c: app.c, too; by the configuration's engine if not given; ${TARGETS.join(", ")}: the firmware, too`,
    )
    .option("--names", "keep function names, so that a trap tells where it was")
    .action(guarded(build));
}
