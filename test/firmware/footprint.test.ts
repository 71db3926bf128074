/**
 * Flash, memory and stack of the firmware on emulated boards, with one app that has the examples' service and action, held
 * to toolchain/footprint/budget.json. FOOTPRINT_BUDGET=write npm test writes down what is measured, to be committed.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { beforeAll, expect, it } from "vitest";
import { type BuildResult, buildApp } from "../../toolchain/build/build.js";
import { buildFirmware } from "../../toolchain/firmware/firmware.js";
import type { Engine } from "../../toolchain/firmware/target.js";
import { type Footprint, PARTS, readFootprint } from "../../toolchain/footprint/footprint.js";
import { measureMemory } from "../../toolchain/footprint/run.js";
import { cacheFolder, projectFile } from "../../toolchain/project.js";

const BUDGET = projectFile("toolchain/footprint/budget.json");
/** Compilers of the same version differ by less. */
const TOLERANCE = 0.01;
/** What a part may grow by unnoticed: the smallest are a few octets. */
const LEAST = 64;
const KIB = 1024;

const CASES = [
  { target: "qemu_riscv32", engine: "wasm3" },
  { target: "qemu_cortex_m", engine: "wasm3" },
  { target: "qemu_riscv32", engine: "aot" },
  { target: "qemu_cortex_m", engine: "aot" },
] as const;

/** While it runs, in octets; see run.ts. */
interface Running {
  readonly wasmMemory: number;
  readonly arena: number;
  readonly stack: number;
  readonly worstStack: number;
}

type Held = Footprint & Running;
type Budget = Record<string, Held>;

/** What an interrupt, if one comes at the deepest point, may add to the stack. */
const STACK_TOLERANCE = 0.05;

let app: BuildResult;

beforeAll(async () => {
  app = await buildApp({
    entry: projectFile("bench/apps/service_and_action.as.ts"),
    outDir: cacheFolder("footprint", "budget"),
  });
});

/** Each part that takes more than its budget, as a sentence. */
function overruns(measured: Held, budget: Held): string[] {
  const held = (what: string, now: number, limit: number, leeway: number) =>
    now > limit + leeway ? [`${what}: ${now} B instead of ${limit} B`] : [];
  const ofParts = (["flash", "staticMemory"] as const).flatMap((kind) =>
    PARTS.flatMap((part) => {
      const limit = budget[kind][part];
      return held(`${kind} of ${part}`, measured[kind][part], limit, Math.max(LEAST, limit * TOLERANCE));
    }),
  );
  return [
    ...ofParts,
    ...held("linear memory", measured.wasmMemory, budget.wasmMemory, 0),
    ...held("arena after start", measured.arena, budget.arena, Math.max(LEAST, budget.arena * TOLERANCE)),
    ...held("stack after start", measured.stack, budget.stack, budget.stack * STACK_TOLERANCE),
    ...held("worst stack", measured.worstStack, budget.worstStack, budget.worstStack * STACK_TOLERANCE),
  ];
}

async function measure(target: (typeof CASES)[number]["target"], engine: Engine): Promise<Held> {
  const built = await buildFirmware({ target, engine, app: app.wasmPath });
  const { arena, stack } = await measureMemory({ target, engine, firmware: built.path });
  if (stack === undefined) throw new Error(`${target} has not told its stack`);
  const running = { arena: arena.used, stack: stack.used, worstStack: stack.worst };
  return { ...(await readFootprint(built)), wasmMemory: app.size.memory, ...running };
}

it.each(CASES)("$target, $engine", async ({ target, engine }) => {
  const measured = await measure(target, engine);
  const budget = JSON.parse(readFileSync(BUDGET, "utf8")) as Budget;
  const name = `${target} ${engine}`;
  if (process.env["FOOTPRINT_BUDGET"] === "write") {
    writeFileSync(BUDGET, `${JSON.stringify({ ...budget, [name]: measured }, null, 2)}\n`);
    return;
  }
  const held = budget[name];
  if (held === undefined) throw new Error(`${BUDGET} has nothing of ${name}`);
  expect(overruns(measured, held), "what grew").toEqual([]);
  if (name === "qemu_riscv32 wasm3") expect(measured.flash.total).toBeLessThanOrEqual(128 * KIB);
});

it("a part, the arena or the stack that grew is told", async () => {
  const held = (JSON.parse(readFileSync(BUDGET, "utf8")) as Budget)["qemu_riscv32 wasm3"];
  if (held === undefined) throw new Error(`${BUDGET} has nothing of qemu_riscv32 wasm3`);
  expect(overruns(held, held)).toEqual([]);
  const grown: Held = {
    ...held,
    flash: { ...held.flash, board: held.flash.board + 2 * LEAST },
    wasmMemory: held.wasmMemory + 16,
    arena: Math.ceil(held.arena * 1.02),
    worstStack: Math.ceil(held.worstStack * 1.06),
  };
  expect(overruns(grown, held).map((text) => text.split(":")[0])).toEqual([
    "flash of board",
    "linear memory",
    "arena after start",
    "worst stack",
  ]);
});
