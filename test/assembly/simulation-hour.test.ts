import path from "node:path";
import { type Board, formatLog, simulate } from "rosehip/sim";
import { beforeAll, describe, expect, it } from "vitest";
import { buildTestApp } from "./run-service.js";

const HOUR_MS = 3_600_000;
const PROJECT = path.join(import.meta.dirname, "apps");
/** What an hour may take, in seconds of processor time: others may use the computer, too. */
const HOUR_LIMIT_S = 5;

describe("an hour of a board's life", () => {
  let wasm: Uint8Array;
  beforeAll(async () => {
    ({ wasm } = await buildTestApp("hour", 32768));
  });

  const boot = (seed = 1) => simulate(wasm, { project: PROJECT, seed });
  const measure = async (board: Board) => {
    const { value, message } = await board.call("/free", { command: "", value: 0n });
    return { free: value, counts: message };
  };

  /** Sends a goal; every third is canceled, every seventh rejected. */
  async function goal(board: Board, number: number): Promise<void> {
    const order = number % 7 === 0 ? 41 : 8;
    const sent = await board.sendGoal("/fibonacci", { order });
    expect(sent.accepted).toBe(order === 8);
    if (!sent.accepted) return;
    let feedback = 0;
    for await (const _ of sent.feedback) {
      if (++feedback === 3 && number % 3 === 0) await sent.cancel();
    }
    const { state } = await sent.result();
    expect({ state, feedback }).toEqual(
      number % 3 === 0 ? { state: "canceled", feedback: 3 } : { state: "succeeded", feedback: 7 },
    );
  }

  /** Ten seconds of calls, messages, and a goal. */
  async function tenSeconds(board: Board, round: number): Promise<void> {
    const running = goal(board, round);
    for (let call = 0; call < 10; call++) {
      const [a, b] = [BigInt(round), BigInt(call)];
      expect(await board.call("/add_two_ints", { a, b })).toEqual({ sum: a + b });
      board.publish("/orders", { data: `order ${call}` });
    }
    await running;
    const end = (round + 1) * 10_000;
    board.advance(end - board.simulation.now);
  }

  it(`passes in less than ${HOUR_LIMIT_S} s`, async () => {
    const board = await boot();
    const begin = { wall: performance.now(), cpu: process.cpuUsage() };
    for (let round = 0; round < 360; round++) await tenSeconds(board, round);
    const { user, system } = process.cpuUsage(begin.cpu);
    const seconds = { wall: (performance.now() - begin.wall) / 1000, cpu: (user + system) / 1e6 };
    expect(board.simulation.now).toBe(HOUR_MS);
    const { counts } = await measure(board);
    const took = `${seconds.wall.toFixed(2)} s, ${seconds.cpu.toFixed(2)} s of processor time`;
    console.info(`an hour of 36,000 ticks, 3,600 calls and 360 goals: ${took}`);
    expect(counts).toBe(`36000 ${3600 * "order 0".length}`);
    expect(board.traps).toEqual([]);
    expect(seconds.cpu).toBeLessThan(HOUR_LIMIT_S);
  });

  it("leaves the app's heap as it was, to the octet", async () => {
    const board = await boot();
    // What is kept for good (sizes of queues and tables) is there after the first rounds.
    for (let round = 0; round < 21; round++) await tenSeconds(board, round);
    board.advance(20_000);
    await measure(board);
    const before = await measure(board);
    for (let round = 21; round < 381; round++) await tenSeconds(board, round + 2);
    board.advance(20_000);
    await measure(board);
    const after = await measure(board);
    console.info(`free before and after: ${before.free} and ${after.free} octets`);
    expect(after.free).toBe(before.free);
  });

  it("is the same when it is lived again, line by line", async () => {
    const lines = [];
    for (const _ of ["once", "again"]) {
      const board = await simulate("examples/fibonacci", {
        link: { delayMs: 3, jitterMs: 40, loss: 0.2, duplication: 0.1, baudRate: 115_200, seed: 7 },
      });
      const goals = await Promise.all([3, 9, 30].map((order) => board.sendGoal("/fibonacci", { order })));
      board.advance(5000);
      await goals[2]?.cancel();
      const results = await Promise.all(goals.map((sent) => sent.result()));
      lines.push([...board.logs.map(formatLog), JSON.stringify(results), `${board.simulation.now}`]);
    }
    expect(lines[0]?.length).toBeGreaterThan(5);
    expect(lines[1]).toEqual(lines[0]);
  });
});
