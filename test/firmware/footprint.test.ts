/**
 * Flash and memory of the firmware on emulated boards, with one app that has the examples' service and action, held to
 * toolchain/footprint/budget.json. FOOTPRINT_BUDGET=write npm test writes down what is measured, to be committed.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { beforeAll, expect, it } from "vitest";
import { buildApp } from "../../toolchain/build/build.js";
import { type Footprint, measureFirmware, PARTS } from "../../toolchain/footprint/footprint.js";
import { projectFile } from "../../toolchain/project.js";

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
] as const;

type Budget = Record<string, Footprint>;

let app: string;

beforeAll(async () => {
  const outDir = await mkdtemp(path.join(tmpdir(), "rosehip-footprint-"));
  app = (await buildApp({ entry: projectFile("bench/apps/service_and_action.as.ts"), outDir })).wasmPath;
});

/** Each part that takes more than its budget, as a sentence. */
function overruns(measured: Footprint, budget: Footprint): string[] {
  return (["flash", "staticMemory"] as const).flatMap((kind) =>
    PARTS.filter(
      (part) => measured[kind][part] > budget[kind][part] + Math.max(LEAST, budget[kind][part] * TOLERANCE),
    ).map((part) => `${kind} of ${part}: ${measured[kind][part]} B instead of ${budget[kind][part]} B`),
  );
}

it.each(CASES)("$target, $engine", async ({ target, engine }) => {
  const measured = await measureFirmware({ target, engine, app });
  const budget = JSON.parse(readFileSync(BUDGET, "utf8")) as Budget;
  const name = `${target} ${engine}`;
  if (process.env["FOOTPRINT_BUDGET"] === "write") {
    writeFileSync(BUDGET, `${JSON.stringify({ ...budget, [name]: measured }, null, 2)}\n`);
    return;
  }
  const held = budget[name];
  if (held === undefined) throw new Error(`${BUDGET} has nothing of ${name}`);
  expect(overruns(measured, held), "parts that grew").toEqual([]);
  if (name === "qemu_riscv32 wasm3") expect(measured.flash.total).toBeLessThanOrEqual(128 * KIB);
});
