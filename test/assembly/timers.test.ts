import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { SimulatedBoard } from "../../simulation/board.js";
import type { BuildResult } from "../../toolchain/build/build.js";
import { boardWith, buildTestApp, call } from "./run-service.js";

const NS_PER_MS = 1_000_000n;

describe("timers and clocks", () => {
  let app: BuildResult;
  let board: SimulatedBoard;
  const ticks = () =>
    board.logs.filter(({ message }) => message === "tick").map(({ time }) => Number(time / NS_PER_MS));
  const command = (name: string, value = 0n) => call(board, "/timer", name, value);

  beforeAll(async () => {
    app = await buildTestApp("timers");
  });

  beforeEach(() => {
    board = boardWith(app);
  });

  it("call back once each period, first after one period", () => {
    board.advance(450);
    expect(ticks()).toEqual([100, 200, 300, 400]);
  });

  it("do not drift, for an hour", () => {
    board.advance(3_600_000);
    expect(ticks()).toHaveLength(36_000);
    expect(ticks().at(-1)).toBe(3_600_000);
  });

  // As rcl_timer_call: what was missed is made up for by one call, then the old rhythm goes on.
  it("leave out what falls due while the callback is running", async () => {
    await command("busy", 240n);
    board.advance(350);
    await command("busy", 0n);
    board.advance(400);
    expect(ticks()).toEqual([100, 340, 580, 600, 700]);
  });

  it("do not lag behind a callback that takes a part of the period", async () => {
    await command("busy", 60n);
    board.advance(450);
    expect(ticks()).toEqual([100, 200, 300, 400]);
  });

  it("can be cancelled and begun anew", async () => {
    board.advance(150);
    expect((await command("cancel")).success).toBe(true);
    expect((await command("")).value).toBe(2n ** 63n - 1n);
    board.advance(1000);
    expect((await command("reset")).success).toBe(false);
    board.advance(250);
    expect(ticks()).toEqual([100, 1250, 1350]);
  });

  it("can be cancelled and begun anew before they would have noticed", async () => {
    board.advance(150);
    await command("cancel");
    board.advance(10);
    await command("reset");
    expect((await command("")).value).toBe(100n * NS_PER_MS);
    board.advance(300);
    expect(ticks()).toEqual([100, 260, 360, 460]);
  });

  it("can be cancelled and reset while their callback runs", async () => {
    await command("busy", 50n);
    board.advance(110);
    await command("cancel");
    board.advance(500);
    await command("reset");
    board.advance(110);
    await command("reset");
    board.advance(200);
    expect(ticks()).toEqual([100, 710, 820, 920]);
  });

  it("change their period after the next call", async () => {
    board.advance(50);
    await command("period", 33_333_333n);
    expect((await command("")).value).toBe(50n * NS_PER_MS);
    board.advance(150);
    expect(ticks()).toEqual([100, 133, 166, 199]);
  });

  it("give ROS time, 0 until it is known", async () => {
    expect((await call(board, "/now", "")).value).toBe(0n);
    const start = 1_700_000_000_123_456_789n;
    board = boardWith(app, { rosTimeAtStart: start });
    board.advance(5);
    expect((await call(board, "/now", "")).value).toBe(start + 5n * NS_PER_MS);
  });

  it("let tasks run beside the one that made them", async () => {
    await call(board, "/task", "");
    board.advance(40);
    const lines = board.logs.map(({ time, message }) => `${time / NS_PER_MS} ${message}`);
    expect(lines).toEqual(["0 task made", "30 task ends"]);
  });
});
