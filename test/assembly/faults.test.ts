import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { SimulatedBoard } from "../../simulation/board.js";
import type { BuildResult } from "../../toolchain/build/build.js";
import { boardWith, buildTestApp, call, runRequest, runResponse, send } from "./run-service.js";

describe("an app that fails", () => {
  let app: BuildResult;
  let board: SimulatedBoard;

  beforeAll(async () => {
    app = await buildTestApp("faults");
  });

  beforeEach(() => {
    board = boardWith(app, { loopLimit: 2_000_000, sampleLimit: 1000 });
  });

  it.each([
    ["throw", /^the arm is stuck — ☹ \(faults\.as\.ts:\d+:\d+\)$/],
    ["bounds", /^Index out of range \(~lib\/array\.ts:\d+:\d+\)$/],
    ["loop", /^did not return within 2000000 turns of its loops$/],
    ["memory", /^out of memory: \d+ bytes wanted, \d+ free of \d+; /],
    ["unreachable", /^unreachable$/],
    ["recursion", /^(Maximum call stack size exceeded|did not return within)/],
    ["division", /^divide by zero$/],
  ])("answers its caller and runs again: %s", async (command, reason) => {
    for (const prefix of ["", "later "]) {
      const response = await call(board, "/fail", prefix + command);
      expect(response).toMatchObject({ success: false, value: 0n });
      expect(response.message).toMatch(reason);
      expect(board.logs.at(-1)?.message).toBe(`/fail: ${response.message}`);
    }
    expect(board.traps).toHaveLength(2);
    expect(await call(board, "/fail", "nothing")).toEqual({
      success: true,
      message: "never seen",
      value: 0n,
    });
  });

  it("answers all requests that were being handled, and handles those that were not yet", async () => {
    const suspended = [send(board, "/wait", "", 1000n), send(board, "/wait", "", 2000n)];
    board.advance(1);
    const failing = send(board, "/fail", "throw");
    const queued = send(board, "/wait", "", 10n);
    board.advance(100);
    for (const answer of [...suspended, failing]) {
      expect((await answer).success).toBe(false);
      expect((await answer).message).toMatch(/^the arm is stuck/);
    }
    expect(await queued).toMatchObject({ success: true });
    expect(board.traps).toHaveLength(1);
  });

  it("gives a request up that brings down one run after the other, and goes on", async () => {
    const hopeless = send(board, "/unanswerable", "");
    const outcome = expect(hopeless).rejects.toThrow(/brought down 4 runs: unreachable/);
    board.advance(100);
    await outcome;
    expect(board.traps).toHaveLength(4);
    expect(await call(board, "/fail", "nothing")).toMatchObject({ success: true });
  });

  it("is handed requests again only when it has made their service again", async () => {
    board.advance(20);
    const suspended = send(board, "/late", "");
    board.advance(10);
    const failing = send(board, "/fail", "throw");
    board.advance(1);
    expect((await failing).success).toBe(false);
    board.advance(100);
    expect((await suspended).message).toMatch(/^the arm is stuck/);
  });

  it("answers a response that is too large for the link", async () => {
    expect(await call(board, "/large", "", 900n)).toMatchObject({ success: true });
    const response = await call(board, "/large", "", 1001n);
    expect(response).toMatchObject({ success: false, message: "larger than the link carries" });
  });

  it("answers a request that does not decode, however it is cut", async () => {
    const whole = runRequest("nothing", 5n);
    for (let length = 0; length < whole.byteLength; length++) {
      const { success, message } = runResponse(await board.call("/fail", whole.subarray(0, length)));
      expect({ length, success, message }).toEqual({
        length,
        success: false,
        message: "request does not decode: payload is truncated",
      });
    }
    expect(runResponse(await board.call("/fail", whole)).success).toBe(true);
    expect(board.traps).toEqual([]);
  });

  it("answers a request with hostile lengths", async () => {
    for (const length of [0xffffffff, 0x80000000, 0x7fffffff, 1_000_000, 17]) {
      const payload = runRequest("nothing", 5n);
      new DataView(payload.buffer).setUint32(0, length, true);
      expect(runResponse(await board.call("/fail", payload)).success).toBe(false);
    }
    expect(board.traps).toEqual([]);
  });

  it("answers whatever octets come", async () => {
    const seed = Date.now() % 1_000_000;
    let state = seed;
    const random = (limit: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return (state >>> 8) % limit;
    };
    for (let round = 0; round < 2000; round++) {
      const payload = runRequest("nothing at all", 5n);
      for (let change = random(6); change >= 0; change--) payload[random(payload.length)] = random(256);
      const { success, message } = runResponse(
        await board.call("/fail", payload.subarray(0, payload.length - random(4)), random(2) === 1),
      );
      if (!success && !message.startsWith("request does not decode: ")) {
        throw new Error(`seed ${seed}, round ${round}: ${message}`);
      }
    }
    expect({ seed, traps: board.traps }).toEqual({ seed, traps: [] });
  });

  it("answers a request that there is no memory for, without running out", async () => {
    const response = runResponse(await board.call("/fail", new Uint8Array(20_000)));
    expect(response.success).toBe(false);
    expect(response.message).toMatch(/^out of memory: request of 20000 bytes, \d+ free$/);
    expect(board.traps).toEqual([]);
  });
});
