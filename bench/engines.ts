/** The engine aot against wasm3 on the same modules: time on this computer, instructions on RISC-V. */
import { appSource } from "../toolchain/aot/source.js";
import { aotGroup, coreGroup, LINK_FLAGS, WARNINGS, wasm3Group } from "../toolchain/firmware/firmware.js";
import { run } from "../toolchain/firmware/process.js";
import { buildProgram } from "../toolchain/firmware/program.js";
import { type Engine, installCommand, type Target } from "../toolchain/firmware/target.js";
import { projectFile } from "../toolchain/project.js";
import { type App, buildBenchApp } from "./apps.js";
import type { Context, Subject } from "./context.js";
import { atLeast } from "./report.js";
import { exactly } from "./statistics.js";

const APPS: readonly App[] = [
  { entry: "bench/apps/fib.as.ts", what: "fib(20)" },
  { entry: "bench/apps/cdr.as.ts", what: "100 PoseStamped to CDR and back" },
];

/** Where the machine has memory, for the C library's own linker script. */
const RISCV_LINK_FLAGS = [
  ...["--oslib=semihost", "--crt0=hosted", "-Wl,--gc-sections"],
  ...["-Wl,--defsym=__flash=0x80000000", "-Wl,--defsym=__flash_size=0x200000"],
  ...["-Wl,--defsym=__ram=0x80200000", "-Wl,--defsym=__ram_size=0x200000"],
];
const RISCV_EMULATOR = ["-M", "virt", "-nographic", "-bios", "none", "-icount", "shift=0", "-semihosting"];

/** Runs of a program of which the fastest counts: what is slower was disturbed. */
const RUNS = 20;

async function buildEngine(app: string, engine: Engine, target: Target): Promise<string> {
  const options = { target, engine };
  const isAot = engine === "aot";
  const source = await appSource(app);
  const own = {
    sources: [projectFile("bench/board/engine.c"), projectFile("firmware/port/bare_metal/app.S")],
    includes: [projectFile("firmware/include"), projectFile("firmware/src")],
    flags: [...[...WARNINGS, "-D_DEFAULT_SOURCE", "-O2"], ...(isAot ? [] : [`-DROSEHIP_APP="${app}"`])],
  };
  const { path } = await buildProgram(
    {
      name: `rosehip-bench-engine-${engine}-${source.key}`,
      groups: [
        isAot ? aotGroup(source.file, options) : await wasm3Group(options),
        await coreGroup(options),
        own,
      ],
      linkFlags: [...(target === "native" ? [] : RISCV_LINK_FLAGS), ...LINK_FLAGS],
    },
    options,
  );
  return path;
}

interface Spent {
  readonly amount: number;
  /** The app's own word, the same on every engine. */
  readonly result: string;
}

async function runEngine(program: string, target: Target): Promise<Spent> {
  const output =
    target === "native"
      ? await run(program, [])
      : await run("qemu-system-riscv32", [...RISCV_EMULATOR, "-kernel", program]);
  // The emulator writes what the program says to its standard error.
  const said = output === undefined ? "cannot be run" : output.stdout + output.stderr;
  const found = /^spent (\d+)\s+(result .*?)\s*$/m.exec(said);
  if (found === null) throw new Error(`${program}: ${said}`);
  return { amount: Number(found[1]), result: found[2] ?? "" };
}

async function spend(app: string, engine: Engine, target: Target): Promise<Spent> {
  const program = await buildEngine(app, engine, target);
  const runs: Spent[] = [];
  for (let i = 0; i < (target === "native" ? RUNS : 1); i++) runs.push(await runEngine(program, target));
  return runs.reduce((best, each) => (each.amount < best.amount ? each : best));
}

async function compare(context: Context, { entry, what }: App, target: Target): Promise<void> {
  const { wasmPath } = await buildBenchApp({ entry, what });
  const [interpreted, compiled] = [
    await spend(wasmPath, "wasm3", target),
    await spend(wasmPath, "aot", target),
  ];
  if (interpreted.result !== compiled.result) {
    throw new Error(`${what}: wasm3 says ${interpreted.result}, aot says ${compiled.result}`);
  }
  const [unit, where] = target === "native" ? ["ns", "this computer"] : ["instructions", "rv32imc"];
  context.measured(`${what}: aot, ${where}`, exactly(unit, compiled.amount));
  context.measured(`${what}: wasm3, ${where}`, exactly(unit, interpreted.amount));
  context.measured(`${what}: wasm3 / aot, ${where}`, exactly("x", interpreted.amount / compiled.amount), {
    target: atLeast(10),
  });
}

export const engines: Subject = {
  name: "aot against wasm3",
  async run(context) {
    for (const app of APPS) await compare(context, app, "native");
    if ((await run("qemu-system-riscv32", ["--version"])) === undefined) {
      context.notMeasured(
        "rv32imc",
        `there is no qemu-system-riscv32: \`${installCommand("qemu_riscv32")}\``,
      );
      return;
    }
    for (const app of APPS) await compare(context, app, "qemu_riscv32");
  },
};
