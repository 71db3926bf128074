import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { SimulatedBoard } from "../../simulation/board.js";
import type { BuildResult } from "../../toolchain/build/build.js";
import { boardWith, buildTestApp, call, runRequest, runResponse, send } from "./run-service.js";

const NS_PER_MS = 1_000_000n;

describe("tasks", () => {
  let app: BuildResult;
  let board: SimulatedBoard;

  beforeAll(async () => {
    app = await buildTestApp("tasks");
  });

  beforeEach(() => {
    board = boardWith(app);
  });

  const lines = () => board.logs.map(({ time, message }) => `${time / NS_PER_MS} ${message}`);

  it("instruments only what can be suspended", () => {
    expect(app.size.suspendable).toContain("~lib/rosehip/assembly/task/sleep/sleep");
    expect(app.size.suspendable.filter((name) => /\/rt\/|\/cdr\/|poll|suspend|runSlice/.test(name))).toEqual(
      [],
    );
    expect(app.size.code).toBeLessThan(app.size.codeBeforeAsyncify * 1.2);
  });

  it("run the top-level code as the first of them", async () => {
    const names = () => [...board.services.values()].map(({ name }) => name);
    expect(names()).toEqual([
      "/lab/work",
      "/lab/wait",
      "/lab/deep",
      "/lab/park",
      "/lab/wake",
      "/lab/destroy",
      "/lab/each",
      "/lab/log",
    ]);
    board.advance(49);
    expect(names()).not.toContain("/lab/late");
    board.advance(1);
    expect(names()).toContain("/lab/late");
    expect(await call(board, "/lab/late", "")).toMatchObject({ success: true });
    expect(board.clock.now).toBe(50n * NS_PER_MS);
  });

  it("answer in order of their deadlines, each with its own locals", async () => {
    const answers = [300n, 100n, 200n].map((ms) => send(board, "/lab/wait", `w${ms}`, ms));
    board.advance(150);
    expect(runResponse(await board.call("/lab/work", runRequest("", 41n))).value).toBe(42n);
    board.advance(150);
    expect(lines()).toEqual([
      "0 w300 begins",
      "0 w100 begins",
      "0 w200 begins",
      "100 w100 ends",
      "200 w200 ends",
      "300 w300 ends",
    ]);
    expect((await Promise.all(answers)).map(({ message }) => message)).toEqual([
      "held by w300 900 300.5",
      "held by w100 300 100.5",
      "held by w200 600 200.5",
    ]);
  });

  it("can be woken before their deadline, once", async () => {
    const others = [send(board, "/lab/wait", "w", 10n), send(board, "/lab/wait", "w", 30n)];
    const first = send(board, "/lab/park", "", 20n);
    board.advance(5);
    expect(await call(board, "/lab/wake", "")).toMatchObject({ success: true });
    expect(await first).toMatchObject({ value: 1n });
    expect(await call(board, "/lab/wake", "")).toMatchObject({ success: false });
    const second = send(board, "/lab/park", "", 20n);
    board.advance(15);
    expect(await second).toMatchObject({ value: 0n });
    board.advance(10);
    expect(await Promise.all(others)).toHaveLength(2);
  });

  it("suspend below many calls, and say so when their locals do not fit", async () => {
    expect(await call(board, "/lab/deep", "", 100n)).toMatchObject({ success: true, value: 5050n });
    for (const depth of [600n, 1000n, 2000n]) {
      const { success, message } = await call(board, "/lab/deep", "", depth);
      expect(success).toBe(false);
      expect(message).toMatch(/^out of memory: \d+ bytes wanted, \d+ free of \d+/);
    }
    expect(await call(board, "/lab/deep", "", 100n)).toMatchObject({ success: true, value: 5050n });
  });

  it("suspend inside callbacks of the library", async () => {
    const answers = [send(board, "/lab/each", "a b c"), send(board, "/lab/each", "x y")];
    board.advance(30);
    await Promise.all(answers);
    expect(lines()).toEqual(["10 a", "10 x", "20 b", "20 y", "30 c"]);
  });

  it("are not woken before their time, nor by a request", async () => {
    const answer = send(board, "/lab/wait", "w", 1000n);
    board.advance(999);
    await call(board, "/lab/work", "");
    expect(lines()).toEqual(["0 w begins"]);
    board.advance(1);
    expect(lines()).toEqual(["0 w begins", "1000 w ends"]);
    await answer;
  });

  it("log any text", async () => {
    const text = "Grüße, 世界 🤖 — \u0001 and a tab\t";
    await call(board, "/lab/log", text);
    await call(board, "/lab/log", "", 1n);
    await call(board, "/lab/log", "", 2n);
    expect(board.logs.map(({ severity, logger, message }) => [severity, logger, message])).toEqual([
      [30, "lab.tasks", text],
      [10, "lab.tasks", "lone \ufffd surrogate"],
      [50, "lab.tasks", ""],
    ]);
  });

  it("wait while the outgoing queue is full, without losing the answer", async () => {
    board.firmware.busy = true;
    const answer = send(board, "/lab/work", "", 1n);
    board.advance(100);
    board.firmware.busy = false;
    board.advance(5);
    expect(await answer).toMatchObject({ success: true, value: 2n });
  });

  it("create and destroy services and nodes while the app runs", async () => {
    const answer = send(board, "/lab/destroy", "service");
    board.advance(1);
    expect(await call(board, "/one", "")).toMatchObject({ success: true });
    board.advance(10);
    await answer;
    expect(() => board.request("/one", runRequest(""))).toThrow(/no service \/one/);
    expect(await call(board, "/two", "")).toMatchObject({ success: true });
    const second = send(board, "/lab/destroy", "node");
    board.advance(20);
    await second;
    expect([...board.nodes.values()]).toEqual([
      { name: "tasks", namespace: "/lab" },
      { name: "other", namespace: "/" },
    ]);
    expect(board.traps).toEqual([]);
  });

  it("take big-endian requests", async () => {
    expect(runResponse(await board.call("/lab/work", runRequest("", 6n, false), true)).value).toBe(7n);
  });

  it("do 100,000 calls in 16 KiB, with an allocation each, while others hold objects", {
    timeout: 60_000,
  }, async () => {
    expect(app.size.memory).toBe(16384);
    const waiting = Array.from({ length: 8 }, (_, i) =>
      send(board, "/lab/wait", `w${i}`, BigInt(3_600_000 + i)),
    );
    for (let i = 0; i < 100_000; i++) {
      const { message, value } = await call(
        board,
        "/lab/work",
        "some text that has to be decoded",
        BigInt(i),
      );
      if (message !== `call ${i + 1} of ${i}` || value !== BigInt(i + 1))
        throw new Error(`call ${i}: ${message}`);
    }
    board.advance(3_700_000);
    for (const [i, { message }] of (await Promise.all(waiting)).entries()) {
      const ms = 3_600_000 + i;
      expect(message).toBe(`held by w${i} ${ms * 3} ${ms + 0.5}`);
    }
    expect(board.traps).toEqual([]);
    expect(board.running.guardIntact).toBe(true);
  });
});
