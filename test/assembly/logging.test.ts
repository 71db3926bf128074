import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type Board, simulate } from "../../simulation/index.js";
import type { BuildResult } from "../../toolchain/build/build.js";
import { buildTestApp } from "./run-service.js";

const APPS = path.join(import.meta.dirname, "apps");
const DEBUG = 10;
const INFO = 20;
const WARN = 30;
const ERROR = 40;

describe("logger levels", () => {
  let app: BuildResult;
  const boot = () => simulate(app.wasm, { project: APPS });
  beforeAll(async () => {
    app = await buildTestApp("logging", 16384);
  });

  const run = (board: Board, command: string, value = 0n) => board.call("/lab/run", { command, value });
  const setLevel = (board: Board, name: string, level: number) =>
    board.call("/lab/loud/set_logger_levels", { levels: [{ name, level }] });
  /** What comes of one line of each severity, by the node's logger and by one below it. */
  const heard = async (board: Board) => {
    const before = board.logs.length;
    await run(board, "all");
    return board.logs.slice(before).map(({ severity, logger }) => `${logger} ${severity}`);
  };

  it("are info at first", async () => {
    const board = await boot();
    expect(await heard(board)).toEqual(
      [20, 30, 40, 50].flatMap((severity) => [`lab.loud ${severity}`, `lab.loud.child ${severity}`]),
    );
  });

  it("are inherited from the nearest logger above that has one", async () => {
    const board = await boot();
    await setLevel(board, "lab", ERROR);
    expect(await heard(board)).toEqual([40, 50].flatMap((s) => [`lab.loud ${s}`, `lab.loud.child ${s}`]));
    await setLevel(board, "lab.loud.child", DEBUG);
    expect(await heard(board)).toEqual([
      ...[10, 20, 30].map((severity) => `lab.loud.child ${severity}`),
      ...[40, 50].flatMap((severity) => [`lab.loud ${severity}`, `lab.loud.child ${severity}`]),
    ]);
    await setLevel(board, "lab.loud.child", 0);
    await setLevel(board, "lab", 0);
    await setLevel(board, "lab.lou", DEBUG);
    await setLevel(board, "", WARN);
    expect(await heard(board)).toEqual([30, 40, 50].flatMap((s) => [`lab.loud ${s}`, `lab.loud.child ${s}`]));
    await setLevel(board, "", 0);
    expect((await heard(board)).length).toBe(8);
  });

  it("are set and asked for by the app", async () => {
    const board = await boot();
    expect((await run(board, "level"))["value"]).toBe(BigInt(INFO));
    await run(board, "set", BigInt(DEBUG));
    expect((await run(board, "level"))["value"]).toBe(BigInt(DEBUG));
    expect((await heard(board)).length).toBe(10);
    expect(await board.call("/lab/loud/get_logger_levels", { names: ["lab.loud", "x", ""] })).toEqual({
      levels: [
        { name: "lab.loud", level: DEBUG },
        { name: "x", level: 0 },
        { name: "", level: INFO },
      ],
    });
  });

  it("are kept for 16 loggers at most, whoever asks", async () => {
    const board = await boot();
    const levels = Array.from({ length: 17 }, (_, i) => ({ name: `n${i}`, level: WARN }));
    const { results } = (await board.call("/lab/loud/set_logger_levels", { levels })) as {
      results: object[];
    };
    expect(results.slice(0, 16)).toEqual(Array(16).fill({ successful: true, reason: "" }));
    expect(results[16]).toEqual({
      successful: false,
      reason: "Failed reason: too many loggers have a level.",
    });
    expect(await setLevel(board, "n3", ERROR)).toEqual({ results: [{ successful: true, reason: "" }] });
    await setLevel(board, "n3", 0);
    expect(await setLevel(board, "more", ERROR)).toEqual({ results: [{ successful: true, reason: "" }] });
  });

  it("filter by Once, SkipFirst and Throttle as rclpy does", async () => {
    const board = await boot();
    for (let i = 0; i < 5; i++) {
      await run(board, "filters", BigInt(i));
      board.advance(400);
    }
    const of = (filter: string) =>
      board.logs.filter(({ message }) => message.startsWith(filter)).map(({ message }) => message.at(-1));
    expect(of("once")).toEqual(["0"]);
    expect(of("skip")).toEqual(["1", "2", "3", "4"]);
    expect(of("throttle")).toEqual(["0", "3"]);
  });
});
