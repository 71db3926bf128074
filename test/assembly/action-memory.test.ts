import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SimulatedBoard } from "../../simulation/board.js";
import type { BuildResult } from "../../toolchain/build/build.js";
import { ActionPeer } from "./action-peer.js";
import { buildTestApp, call } from "./run-service.js";

describe("an action server in 16 KiB", () => {
  let app: BuildResult;
  let board: SimulatedBoard;
  let peer: ActionPeer;
  /** The first call asks for a collection, which then finds no stack of any task: those are read word by word. */
  const free = async () => {
    await call(board, "/free", "");
    return Number((await call(board, "/free", "")).value);
  };

  beforeAll(async () => {
    app = await buildTestApp("fibonacci");
    expect(app.size.memory).toBe(16384);
  });

  beforeEach(async () => {
    board = new SimulatedBoard();
    board.load(app.wasm);
    peer = new ActionPeer(board.graph, "/fibonacci");
    // Each service keeps the task of its first request for the next one.
    await peer.sendGoal(255, 30);
    await Promise.all([peer.cancel(255), peer.getResult(254)]);
    board.advance(11_000);
  });

  it("has room for four goals of its own and more at once", async () => {
    const before = await free();
    for (const goal of [1, 2, 3, 4]) expect(await peer.sendGoal(goal, 8)).toBe(true);
    board.advance(250);
    const each = (before - (await free())) / 4;
    board.advance(1000);
    const kept = (before - (await free())) / 4;
    board.advance(10_000);
    expect({ each, kept, left: (await free()) - before }).toEqual({
      each: expect.toSatisfy((octets: number) => octets < 700),
      kept: expect.toSatisfy((octets: number) => octets < 350),
      left: 0,
    });
  });

  it("is as it was after 1,000 clients that die before their goal is answered", async () => {
    const before = await free();
    for (let goal = 0; goal < 1000; goal++) {
      // Nobody takes the answer, asks for the result or cancels.
      void peer.sendGoal(1 + (goal % 250), 1 + (goal % 5));
      board.advance(25);
    }
    board.advance(11_000);
    expect({ free: await free(), traps: board.traps }).toEqual({ free: before, traps: [] });
    expect(board.pending).toEqual({ requests: 0, calls: 0 });
    expect(board.traps).toEqual([]);
    expect(await peer.sendGoal(251, 2)).toBe(true);
    board.advance(200);
    expect(await peer.getResult(251)).toEqual({ status: "SUCCEEDED", sequence: [0, 1, 1] });
  });

  it("is as it was after 1,000 goals in no time, of which it rejects those that there is no memory for", async () => {
    const before = await free();
    let accepted = 0;
    for (let goal = 0; goal < 1000; goal++) {
      if (await peer.sendGoal(1 + (goal % 250), 8)) accepted++;
    }
    expect(accepted).toBeGreaterThan(4);
    expect(board.traps).toEqual([]);
    expect(board.logs.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/^\/fibonacci: a goal is rejected: memory is short, \d+ bytes are free$/),
    );
    board.advance(20_000);
    expect({ free: await free(), traps: board.traps }).toEqual({ free: before, traps: [] });
    expect(await peer.sendGoal(251, 2)).toBe(true);
  });

  it("has room for what all goals that it accepts at once grow to", async () => {
    const accepted: number[] = [];
    for (let goal = 1; goal <= 60; goal++) if (await peer.sendGoal(goal, 40)) accepted.push(goal);
    expect(accepted.length).toBeGreaterThan(4);
    const results = Promise.all(accepted.map((goal) => peer.getResult(goal)));
    board.advance(5000);
    for (const { status, sequence } of await results)
      expect({ status, octets: sequence.length }).toEqual({ status: "SUCCEEDED", octets: 41 });
    expect(board.traps).toEqual([]);
  });

  it("does an hour of goals with feedback, results and cancellations", { timeout: 60_000 }, async () => {
    const before = await free();
    for (let goal = 0; goal < 3600; goal++) {
      const number = 1 + (goal % 200);
      expect(await peer.sendGoal(number, 5)).toBe(true);
      const result = peer.getResult(number);
      if (goal % 3 === 0) await peer.cancel(number);
      board.advance(1000);
      expect((await result).status).toBe(goal % 3 === 0 ? "CANCELED" : "SUCCEEDED");
    }
    board.advance(11_000);
    expect({ free: await free(), traps: board.traps }).toEqual({ free: before, traps: [] });
    expect({ traps: board.traps, intact: board.running.guardIntact }).toEqual({ traps: [], intact: true });
  });
});

describe("goals that grow to 2 KiB in 16 KiB", () => {
  let app: BuildResult;
  beforeAll(async () => {
    app = await buildTestApp("growing");
    expect(app.size.memory).toBe(16384);
  });

  it.each([
    ["/told", "are rejected from the first on, where the app has said how large they get", false],
    ["/learned", "are rejected after one has shown how large they get", true],
  ])("%s %s", async (name, _what, first) => {
    const board = new SimulatedBoard();
    board.load(app.wasm);
    const peer = new ActionPeer(board.graph, name);
    if (first) {
      expect(await peer.sendGoal(100, 10)).toBe(true);
      board.advance(20_000);
    }
    let accepted = 0;
    for (let goal = 1; goal <= 20; goal++) if (await peer.sendGoal(goal, 10)) accepted++;
    board.advance(20_000);
    expect(accepted).toBeGreaterThan(0);
    expect(board.traps).toEqual([]);
    expect(board.logs.filter(({ message }) => message.includes("a goal is rejected"))).toHaveLength(
      20 - accepted,
    );
  });
});
