/** What `rosehip build` tells of what an app costs. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { projectFile } from "../../toolchain/project.js";
import { endAll, RunningProcess } from "./process.js";

const MAIN = projectFile("dist/cli/main.js");
const APP = projectFile("examples/add_two_ints");
const folder = mkdtempSync(path.join(tmpdir(), "rosehip-report-"));

afterEach(endAll);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function build(args: readonly string[], programs = process.env["PATH"]) {
  const environment = { ...process.env, PATH: programs };
  const command = [MAIN, "build", APP, "--out", folder, ...args];
  const run = new RunningProcess("rosehip", process.execPath, command, environment);
  return { status: await run.exited, text: run.lines.join("\n") };
}

/** A PATH with these programs and no others. */
function pathWith(name: string, ...programs: string[]): string {
  const only = path.join(folder, name);
  mkdirSync(only);
  for (const program of programs) {
    const found = execFileSync("which", [program], { encoding: "utf8" }).trim();
    symlinkSync(found, path.join(only, program));
  }
  return only;
}

const written = () => JSON.parse(readFileSync(path.join(folder, "size.json"), "utf8"));
const number = (text: string, row: RegExp) => Number(row.exec(text)?.[1]?.replaceAll(",", ""));

describe("rosehip build", () => {
  it("tells what the app alone costs, and how to get the rest; no other program is needed", async () => {
    const { status, text } = await build([], pathWith("nothing"));
    expect(status, text).toBe(0);
    const size = readFileSync(path.join(folder, "app.wasm")).length;
    expect(text).toMatch(
      new RegExp(`app\\.wasm  ${size} octets of flash \\(.*\\), 16384 octets of wasm memory$`, "m"),
    );
    expect(text).toContain("rosehip build --target qemu_riscv32");
    expect(written().firmware).toBeUndefined();
  });

  it.each(["qemu_riscv32", "qemu_cortex_m"])("--target %s measures the whole firmware", async (target) => {
    const { status, text } = await build(["--target", target]);
    expect(status, text).toBe(0);
    expect(text).not.toContain("not measured");
    const { flash, staticMemory, wasmMemory, arena, stack, ...rest } = written().firmware;
    expect(rest).toEqual({ target, engine: "wasm3" });
    const { total, ...parts } = flash as Record<string, number>;
    expect(Object.values(parts).reduce((sum, octets) => sum + octets, 0)).toBe(total);
    expect(parts["app"]).toBeGreaterThanOrEqual(written().total);
    expect(number(text, /^ {2}flash +([\d,]+)/m)).toBe(total);
    expect(number(text, /^ {2}static RAM +([\d,]+)/m)).toBe(staticMemory.total);
    expect(number(text, /^ {2}arena +([\d,]+)/m)).toBe(arena.used);
    expect(number(text, /^ {2}wasm memory +([\d,]+)/m)).toBe(wasmMemory);
    expect(number(text, /^ {2}stack +([\d,]+)/m)).toBe(stack.used);
    expect(number(text, /^ {2}stack, worst +([\d,]+)/m)).toBe(stack.worst);
    expect(arena.used).toBeGreaterThan(wasmMemory);
    expect(stack.worst).toBeGreaterThan(stack.used);
    expect(stack.worst).toBeLessThan(stack.size);
    const machine = readFileSync(path.join(folder, `firmware-${target}.elf`)).readUInt16LE(18);
    expect(machine, "e_machine of ELF").toBe(target === "qemu_riscv32" ? 243 : 40);
  });

  it("--target native tells the arena", async () => {
    const { status, text } = await build(["--target", "native"]);
    expect(status, text).toBe(0);
    const { arena, wasmMemory } = written().firmware;
    expect(number(text, /^ {2}arena +([\d,]+)/m)).toBe(arena.used);
    expect(arena.used).toBeGreaterThan(wasmMemory);
    expect(text).toContain("not measured: flash, static RAM, stack");
  });

  it("without the emulator says what is not measured, and what installs it", async () => {
    const { status, text } = await build(
      ["--target", "qemu_riscv32"],
      pathWith("no-emulator", "riscv64-unknown-elf-gcc"),
    );
    expect(status, text).toBe(0);
    expect(text).toMatch(/^ {2}flash +\d/m);
    expect(text).toMatch(
      /not measured: arena, stack: qemu-system-riscv32.*sudo apt-get install qemu-system-misc/,
    );
    expect(written().firmware.arena).toBeUndefined();
  });

  it("without the compiler fails, and says what installs it", async () => {
    const { status, text } = await build(["--target", "qemu_cortex_m"], pathWith("no-compiler"));
    expect(status).toBe(1);
    expect(text).toContain("BUILD_NO_COMPILER");
    expect(text).toMatch(/sudo apt-get install .*gcc-arm-none-eabi/);
  });

  it("a target that is none is a wrong command line", async () => {
    const { status, text } = await build(["--target", "esp32"]);
    expect(status).toBe(2);
    expect(text).toContain("CLI_TARGET");
  });
});
