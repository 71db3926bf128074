/** Pins and buses through the firmware itself, on boards of this computer with simulated ones. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { TARGETS } from "../../toolchain/firmware/target.js";
import { endAll, type RunningProcess } from "./process.js";
import { Rig } from "./rig.js";

let rig: Rig;
const storage = mkdtempSync(path.join(tmpdir(), "rosehip-hardware-"));
beforeAll(async () => {
  rig = await Rig.build("test/system/apps/hardware", { sanitize: true });
});
afterEach(endAll);
afterAll(() => {
  rig.remove();
  rmSync(storage, { recursive: true });
});

/** What the board says from now on, up to a line that matches; without the firmware's own lines. */
async function says(board: RunningProcess, last: RegExp, act: () => void): Promise<string[]> {
  const from = board.lines.length;
  act();
  await board.waitFor(last, 15_000, from);
  return board.lines.slice(from).filter((line) => !line.includes("[rosehip]"));
}

it("an edge reaches the app, and what it does reaches pins, buses and storage", async () => {
  const board = rig.startBoard("--pins", "--storage", storage);
  await board.waitFor(/ready, level 1, 0 mV/);
  const pressed = await says(board, /spi no error/, () =>
    board.write("i2c 0 0x48 1 18 0x34\nanalog 34 1650\npin 0 0\n"),
  );
  expect(pressed).toEqual([
    "pin 2: 1",
    "pwm 5: 10000153 of 20000000 ns",
    "[INFO] [hardware]: edges 1",
    "[INFO] [hardware]: i2c no error 18 52",
    "i2c 0 0x48: 03 34",
    "[INFO] [hardware]: wrote no error",
    "spi 1 7, mode 3, 2000000 Hz: de ad",
    "[INFO] [hardware]: spi no error 222 173",
  ]);
  // Three edges before the app can look: one callback.
  const bounced = await says(board, /spi no error/, () => board.write("i2c 0 0x48\npin 0 1 0 z\n"));
  expect(bounced).toEqual([
    "pin 2: 0",
    "pwm 5: 10000153 of 20000000 ns",
    "[INFO] [hardware]: edges 4",
    "[INFO] [hardware]: i2c no acknowledgement 222 173",
    "[INFO] [hardware]: wrote no acknowledgement",
    "spi 1 7, mode 3, 2000000 Hz: de ad",
    "[INFO] [hardware]: spi no error 222 173",
  ]);
});

it("what is stored is there after a restart of the board", async () => {
  const board = rig.startBoard("--pins", "--storage", storage);
  await board.waitFor(/ready/);
  board.write("pin 0 0\n");
  await board.waitFor(/edges 5/);
});

it("pins are let go when the board ends, and lines that make no sense are told", async () => {
  const board = rig.startBoard("--pins");
  await board.waitFor(/ready/);
  board.write("pin 64 1\n");
  await board.waitFor(/pins: not understood: pin 64 1/);
  const told = await says(board, /spi no error/, () => board.write("pin 0 0\n"));
  expect(told.join()).toContain("edges is not stored: the board has no storage");
  const last = await says(board, /pin 5: let go/, () => void board.kill("SIGTERM"));
  expect(last).toEqual(["pin 2: let go", "pin 5: let go"]);
  expect(await board.exited).toBe(0);
});

describe.each(TARGETS)("a board without pins: %s", (target) => {
  let bare: Rig;
  beforeAll(async () => {
    bare = await Rig.build("test/system/apps/hardware", { target, engine: "wasm3" });
  });
  afterAll(() => bare.remove());

  it("says so to an app that needs them, and gives other random numbers to each run", async () => {
    const board = bare.startBoard();
    const stopped = /the app stopped: pin 2: this board cannot do that/;
    await board.waitFor(stopped);
    const from = board.lines.findIndex((line) => stopped.test(line)) + 1;
    await board.waitFor(stopped, 15_000, from);
    const numbers = board.lines.flatMap((line) => /random (\d+)/.exec(line)?.[1] ?? []);
    expect(numbers.length).toBeGreaterThanOrEqual(2);
    expect(new Set(numbers).size).toBe(numbers.length);
  });
});
