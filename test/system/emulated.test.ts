/** What an emulated board does besides running the firmware: sleep, start, fail and start again. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { buildApp } from "../../toolchain/build/build.js";
import {
  type BootSettings,
  bootImage,
  emulatorCommand,
  requireEmulator,
} from "../../toolchain/firmware/emulator.js";
import { buildFirmware } from "../../toolchain/firmware/firmware.js";
import { TARGETS } from "../../toolchain/firmware/target.js";
import { projectFile } from "../../toolchain/project.js";
import { endAll, RunningProcess } from "./process.js";

const EMULATED = TARGETS.filter((target) => target !== "native");
/** Clock ticks of Linux's /proc. */
const TICKS_PER_SECOND = 100;

/** Seconds of processor time that a process has used, in user and kernel mode: fields 14 and 15 of proc(5). */
function processorTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

describe.each(EMULATED)("%s", (target) => {
  const folder = mkdtempSync(path.join(tmpdir(), "rosehip-emulated-"));
  let app: Uint8Array;
  let firmware: string;
  beforeAll(async () => {
    await requireEmulator(target);
    const { wasmPath } = await buildApp({ entry: projectFile("examples/add_two_ints"), outDir: folder });
    app = readFileSync(wasmPath);
    firmware = (await buildFirmware({ target })).path;
  });
  afterEach(endAll);
  afterAll(() => rmSync(folder, { recursive: true }));

  /** A board whose link leads nowhere. */
  function start(settings: BootSettings, damage = (image: Buffer) => image, elf = firmware): RunningProcess {
    const image = path.join(folder, "image");
    writeFileSync(image, damage(bootImage(settings)));
    const { command, args } = emulatorCommand({ target, firmware: elf, image, link: "null" });
    return new RunningProcess("board", command, args);
  }

  it("sleeps when there is nothing to do, and tells how deep its stack was", async () => {
    const board = start({ app });
    const [, peak, size] = await board.waitFor(/^stack: (\d+) of (\d+) octets used at most/);
    expect(Number(peak)).toBeGreaterThan(1024);
    expect(Number(peak)).toBeLessThan(Number(size) / 2);
    await setTimeout(1000);
    const before = processorTime(board.pid);
    await setTimeout(3000);
    expect(processorTime(board.pid) - before).toBeLessThan(0.6);
  });

  it("says that it has no app, and waits", async () => {
    const board = start({});
    await board.waitFor(/^\[FATAL\] \[rosehip\]: ./);
    expect(board.isRunning).toBe(true);
  });

  it("does not run an app that came damaged", async () => {
    const damaged = (image: Buffer) => {
      image[image.length - 1] = (image.at(-1) ?? 0) ^ 1;
      return image;
    };
    const board = start({ app }, damaged);
    await board.waitFor(/^\[ERROR\] \[rosehip\]: the boot image's app is damaged/);
  });

  it("starts again when its stack is full", async () => {
    const { path: small } = await buildFirmware({ target, stackBytes: 1024 });
    const board = start({ app }, undefined, small);
    const fault = /^\[FATAL\] \[rosehip\]: .*cause 0x[0-9a-f]+ at 0x[0-9a-f]+, the board starts again/;
    await board.waitFor(fault);
    await board.waitFor(fault, 15_000, board.lines.length);
  });
});
