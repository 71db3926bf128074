/**
 * The interpreter's C stack on a core without tail calls: a thousand statements in a row, compiled by asc, on an
 * emulated Xtensa lx106 (the ESP8266's). Windowed Xtensa cores (ESP32, ESP32-S3) have none either.
 */
import { mkdtempSync } from "node:fs";
import { readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import asc from "assemblyscript/asc";
import { beforeAll, expect, it } from "vitest";
import { run } from "../../toolchain/firmware/process.js";
import { wasm3Source } from "../../toolchain/firmware/wasm3.js";
import { projectFile } from "../../toolchain/project.js";

const COMPILER = "xtensa-lx106-elf-gcc";
const INSTALL =
  "`sudo apt-get install gcc-xtensa-lx106 picolibc-xtensa-lx106-elf qemu-system-misc` (Debian, Ubuntu)";
const SPECS = "--specs=/usr/lib/xtensa-lx106-elf/picolibc.specs";
/** One call's worth: 16 operations, the operation that calls, and the engine's own frames (measured: see the test). */
const STACK_BOUND = 1024;

const folder = mkdtempSync(path.join(tmpdir(), "rosehip-xtensa-"));
const app = path.join(folder, "straight.wasm");

const STATEMENTS = Array.from({ length: 1000 }, (_, i) => {
  const address = 16 + 4 * (i % 8);
  return `total = total * ${(i % 13) + 3} + (load<i32>(${address}) ^ ${i}); store<i32>(${address}, total);`;
});
const SOURCE = `
  export const rosehip_abi_version: i32 = 1;
  export const rosehip_memory_bytes: i32 = 4096;
  export function rosehip_poll(): i64 { let total: i32 = 1; ${STATEMENTS.join("\n")} return total; }`;

let expected: bigint;

beforeAll(async () => {
  let wasm: Uint8Array | undefined;
  const { error } = await asc.main(
    [
      "straight.ts",
      "--outFile",
      "straight.wasm",
      "--runtime",
      "stub",
      "-O",
      "--lowMemoryLimit",
      "4096",
      "--initialMemory",
      "1",
    ],
    {
      readFile: (name) => (name === "straight.ts" ? SOURCE : null),
      writeFile: (_, contents) => {
        if (contents instanceof Uint8Array) wasm = contents;
      },
      listFiles: () => [],
    },
  );
  if (error !== null || wasm === undefined) throw error ?? new Error("no module");
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(wasm)));
  expected = (exports["rosehip_poll"] as () => bigint)();
  await writeFile(app, wasm);
});

async function compileAndRun(name: string, flags: readonly string[]) {
  const wasm3 = await wasm3Source();
  const engine = projectFile("firmware/src/wasm");
  const engineFiles = (await readdir(engine)).filter((file) => file.endsWith(".c"));
  const ours = [
    ...engineFiles.map((file) => path.join(engine, file)),
    ...["firmware/src/arena.c", "firmware/src/sentence.c", "test/firmware/xtensa/main.c"].map((file) =>
      projectFile(file),
    ),
  ];
  const theirs = (await readdir(wasm3))
    .filter((file) => file.endsWith(".c"))
    .map((file) => path.join(wasm3, file));
  const program = path.join(folder, name);
  const reset = path.join(folder, "start.o");
  await run(COMPILER, ["-c", projectFile("test/firmware/xtensa/start.S"), "-o", reset]);
  const output = await run(COMPILER, [
    ...["-std=gnu11", "-Os", "-DNDEBUG", "-w", "-fwrapv", "-ffunction-sections", "-fdata-sections"],
    ...["-mlongcalls", "-mtext-section-literals", SPECS, "-nostartfiles", "-Wl,--gc-sections"],
    ...["-Dd_m3MaxNativeStack=16384", `-DAPP_PATH="${app}"`, ...flags],
    ...["-include", path.join(engine, "wasm3_config.h")],
    ...[wasm3, engine, projectFile("firmware/src"), projectFile("firmware/include")].map(
      (include) => `-I${include}`,
    ),
    ...[`-T${projectFile("test/firmware/xtensa/link.ld")}`, ...ours, ...theirs, reset, "-lm", "-o", program],
  ]);
  expect(output?.status, `${COMPILER}: ${output?.stderr ?? `not installed; ${INSTALL}`}`).toBe(0);
  const machine = ["-M", "sim", "-cpu", "lx106", "-m", "8M", "-semihosting", "-display", "none"];
  const result = await run("qemu-system-xtensa", [
    ...machine,
    "-monitor",
    "none",
    "-serial",
    "none",
    "-kernel",
    program,
  ]);
  const found = /result (0x[0-9a-f]+) stack (0x[0-9a-f]+)/.exec(result?.stdout ?? "");
  expect(
    found,
    `${result?.stdout}${result?.stderr ?? `qemu-system-xtensa is not installed; ${INSTALL}`}`,
  ).not.toBeNull();
  return { result: BigInt(found?.[1] ?? "0"), stack: Number(found?.[2]) };
}

it("is bounded, whatever the length of a function", async () => {
  const { result, stack } = await compileAndRun("parks.elf", []);
  expect(result).toBe(expected);
  expect(stack).toBeLessThanOrEqual(STACK_BOUND);
}, 120_000);

it("would not be, without parking", async () => {
  const { result, stack } = await compileAndRun("grows.elf", ["-DROSEHIP_PARKS=0"]);
  expect(result).toBe(expected);
  expect(stack).toBeGreaterThan(100_000);
}, 120_000);
