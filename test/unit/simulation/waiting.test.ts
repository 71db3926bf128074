import { describe, expect, it } from "vitest";
import { SimulatedGraph } from "../../../simulation/graph.js";
import { Timeline } from "../../../simulation/timeline.js";
import { Waiting } from "../../../simulation/waiting.js";

const MS = 1_000_000n;

function setUp() {
  const graph = new SimulatedGraph();
  const timeline = new Timeline(graph.clock);
  graph.join(timeline);
  const waiting = new Waiting(graph);
  const failure = (idle: boolean) => new Error(idle ? "idle" : "late");
  /** Becomes the time at which it was resolved. */
  const at = (ms: number, timeoutMs = 1000): Promise<number> => {
    let value: number | undefined;
    timeline.at(graph.clock.now + BigInt(ms) * MS, () => {
      value = Number(graph.clock.now / MS);
    });
    return waiting.start((wait) => wait(() => value, timeoutMs, failure));
  };
  const never = (timeoutMs: number): Promise<number> =>
    waiting.start((wait) => wait<number>(() => undefined, timeoutMs, failure));
  return { graph, timeline, waiting, at, never, now: () => Number(graph.clock.now / MS) };
}

describe("waiting in virtual time", () => {
  it("goes from event to event", async () => {
    const { at, now } = setUp();
    expect(await at(250)).toBe(250);
    expect(await Promise.all([at(30), at(10), at(20)])).toEqual([280, 260, 270]);
    expect(now()).toBe(280);
  });

  it("stands still while the test has its turn", async () => {
    const { at, now } = setUp();
    const order: string[] = [];
    const one = async (name: string, ms: number) => {
      for (let i = 0; i < 3; i++) {
        await at(ms);
        order.push(`${name} ${now()}`);
      }
    };
    await Promise.all([one("a", 10), one("b", 15)]);
    expect(order).toEqual(["a 10", "b 15", "a 20", "b 30", "a 30", "b 45"]);
  });

  it("does not begin before somebody waits", async () => {
    const { at, now } = setUp();
    const promise = at(50);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(now()).toBe(0);
    expect(await promise).toBe(50);
  });

  it("is over at its time, whatever else goes on", async () => {
    const { at, never, now } = setUp();
    const other = at(2000, 5000);
    await expect(never(100)).rejects.toThrow("late");
    expect(now()).toBe(100);
    expect(await other).toBe(2000);
  });

  it("is over at once when nothing will ever happen", async () => {
    const { never, now } = setUp();
    await expect(never(1e9)).rejects.toThrow("idle");
    expect(now()).toBe(0);
  });

  it("hands errors of what happens to those who wait, and goes on", async () => {
    const { at, timeline } = setUp();
    timeline.at(5n * MS, () => {
      throw new Error("broken");
    });
    await expect(at(10)).rejects.toThrow("broken");
    expect(await at(10)).toBe(15);
  });

  it("resolves what falls due when time is moved by hand", async () => {
    const { at, waiting, now } = setUp();
    const promise = at(50);
    waiting.advance(20);
    expect(now()).toBe(20);
    waiting.advance(40);
    expect(await promise).toBe(50);
    expect(now()).toBe(60);
  });

  it("is over when time stands still for ever", async () => {
    const { graph, never } = setUp();
    graph.join({ wakeAt: 0n, isReady: true, step: () => {} });
    await expect(never(1000)).rejects.toMatchObject({ code: "SIM_ENDLESS" });
  });
});
