import path from "node:path";
import { formatLog, Simulation, simulate } from "rosehip/sim";
import { beforeAll, describe, expect, it } from "vitest";
import "rosehip/sim/vitest";
import { buildTestApp } from "./run-service.js";

const example = (name: string) => path.join(import.meta.dirname, "../../examples", name);
const text = (lines: readonly { readonly message: string }[]) => lines.map(({ message }) => message);

describe("a simulated board", () => {
  it("takes the types of services, actions and topics from its app", async () => {
    const board = await simulate(example("fibonacci"));
    const goal = await board.sendGoal("fibonacci", { order: 3 });
    expect(goal.accepted).toBe(true);
    expect(await goal.result()).toEqual({ state: "succeeded", result: { sequence: [0, 1, 1, 2] } });
    expect(goal.state).toBe("succeeded");
    expect(board.simulation.now).toBe(2000);
  });

  it("takes types that are named, and says so when they are others", async () => {
    const board = await simulate(example("add_two_ints"));
    const type = "example_interfaces/srv/AddTwoInts";
    expect(await board.call("/add_two_ints", type, { a: 1n })).toEqual({ sum: 1n });
    const other = board.call("/add_two_ints", "std_srvs/srv/Empty", {}, { timeoutMs: 100 });
    await expect(other).rejects.toMatchObject({
      code: "SIM_NO_SERVICE",
      message: "/add_two_ints is of type example_interfaces/srv/AddTwoInts, not std_srvs/srv/Empty",
    });
  });

  it.each([
    ["an unknown service", "/add_three", {}, "SIM_NO_SERVICE", "There are: /add_two_ints"],
    ["a name that is none", "/add two", {}, "SIM_NAME", undefined],
    ["a field that is none", "/add_two_ints", { c: 1n }, "CODEC_VALUE", "Its fields are a, b"],
    ["a value that does not fit", "/add_two_ints", { a: "x" }, "CODEC_VALUE", undefined],
  ])("tells of %s", async (_what, service, request, code, remedy) => {
    const board = await simulate(example("add_two_ints"));
    const error: unknown = await board.call(service, request).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code });
    if (remedy !== undefined) expect(error).toMatchObject({ remedy: expect.stringContaining(remedy) });
  });

  it("tells of a rejected goal", async () => {
    const board = await simulate(example("fibonacci"));
    const goal = await board.sendGoal("/fibonacci", { order: 41 });
    expect(goal.accepted).toBe(false);
    await expect(goal.result()).rejects.toMatchObject({ code: "SIM_GOAL_REJECTED" });
    await expect(goal.cancel()).rejects.toMatchObject({ code: "SIM_GOAL_REJECTED" });
    await expect(board.sendGoal("/other")).rejects.toMatchObject({
      code: "SIM_NO_ACTION",
      remedy: "There are: /fibonacci.",
    });
  });

  it("gives messages as they come, in virtual time", async () => {
    const board = await simulate(example("publisher"));
    const heard = board.subscribe("/topic");
    const times = [];
    for await (const { data } of heard) {
      times.push(`${board.simulation.now} ${data}`);
      if (times.length === 3) heard.close();
    }
    expect(times).toEqual(["500 Hello World: 0", "1000 Hello World: 1", "1500 Hello World: 2"]);
    board.advance(10_000);
    expect(heard.received).toHaveLength(3);
  });

  it("hears what the test publishes", async () => {
    const board = await simulate(example("subscriber"));
    board.publish("/topic", { data: "from the test" });
    board.advance(0);
    expect(board).toLog('I heard: "from the test"', {
      level: "info",
      logger: "minimal_subscriber",
      times: 1,
    });
    expect(board).not.toLog(/anything else/);
    expect(() => board.publish("/nobody", { data: "" })).toThrow("no board has a subscription of /nobody");
  });

  it("fails an expectation with what it logged instead", async () => {
    const board = await simulate(example("subscriber"));
    board.publish("/topic", { data: "one" });
    board.advance(0);
    expect(() => expect(board).toLog("two", { level: "warn" })).toThrow(
      'the board was to log a line with two, level warn. It logged:\n  [0.000000000] [INFO] [minimal_subscriber]: I heard: "one"',
    );
  });

  it("does not let time pass unless the test waits", async () => {
    const board = await simulate(example("fibonacci"));
    const goal = await board.sendGoal("/fibonacci", { order: 3 });
    const result = goal.result();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(board.simulation.now).toBe(0);
    board.advance(1500);
    expect(board.simulation.now).toBe(1500);
    expect((await result).state).toBe("succeeded");
    expect(board.simulation.now).toBe(2000);
  });
});

describe("several simulated boards", () => {
  it("meet on one graph, whoever comes first", async () => {
    const simulation = new Simulation();
    const client = await simulation.add(example("add_two_ints_client"));
    simulation.advance(2500);
    expect(client).toLog("service not available, waiting again...", { times: 2 });
    const server = await simulation.add(example("add_two_ints"));
    simulation.advance(10);
    expect(server).toLog("Incoming request: a=41, b=1");
    expect(client).toLog("Result of add_two_ints: for 41 + 1 = 42");
  });

  it("run actions between them, over lines of their own", async () => {
    const simulation = new Simulation();
    const link = { delayMs: 20, jitterMs: 10, loss: 0.3, baudRate: 115_200 };
    const server = await simulation.add(example("fibonacci"), { link: { ...link, seed: 5 } });
    const client = await simulation.add(example("fibonacci_client"), { link: { ...link, seed: 6 } });
    simulation.advance(20_000);
    expect(text(client.logs).filter((line) => !line.startsWith("action server not"))).toEqual([
      "Goal accepted",
      "Received feedback: [0, 1, 1]",
      "Received feedback: [0, 1, 1, 2]",
      "Received feedback: [0, 1, 1, 2, 3]",
      "Result: [0, 1, 1, 2, 3]",
      "Goal accepted",
      "Received feedback: [0, 1, 1]",
      "Received feedback: [0, 1, 1, 2]",
      "Received feedback: [0, 1, 1, 2, 3]",
      "Received feedback: [0, 1, 1, 2, 3, 5]",
      "Goal canceled",
    ]);
    expect(server).toLog("Goal canceled", { times: 1 });
  });
});

describe("the link of a simulated board", () => {
  it("takes its time with each sample", async () => {
    const link = { delayMs: 10, baudRate: 9600 };
    const board = await simulate(example("add_two_ints"), { link });
    await board.call("/add_two_ints", { a: 1n, b: 2n });
    // 16 octets down and 8 up, each with 40 of headers, ten bits an octet, and 10 ms each way.
    expect(board.simulation.now).toBeCloseTo(((16 + 40 + 8 + 40) * 10_000) / 9600 + 20, 5);
  });

  it("carries what is reliable late, but whole and in order", async () => {
    const board = await simulate(example("publisher"), { link: { loss: 0.4, jitterMs: 30, seed: 3 } });
    const reliable = board.subscribe("/topic");
    board.advance(60_000);
    const lines = Array.from({ length: reliable.received.length }, (_, i) => ({ data: `Hello World: ${i}` }));
    expect(lines.length).toBeGreaterThan(115);
    expect(reliable.received).toEqual(lines);
    const hearer = await simulate(example("subscriber"), { link: { loss: 0.4, seed: 3 } });
    for (let i = 0; i < 100; i++) hearer.publish("/topic", { data: `${i}` });
    hearer.advance(60_000);
    expect(hearer).toLog(/I heard/, { times: 100 });
  });

  it.each([{ loss: 1 }, { loss: -0.1 }, { delayMs: Number.NaN }, { baudRate: -1 }])(
    "is told when it cannot be: %o",
    async (link) => {
      await expect(simulate(example("subscriber"), { link })).rejects.toMatchObject({ code: "SIM_LINK" });
    },
  );
});

describe("a simulated board that is restarted", () => {
  let wasm: Uint8Array;
  beforeAll(async () => {
    ({ wasm } = await buildTestApp("faults"));
  });

  it("begins anew after a trap, and after its power was cut", async () => {
    const board = await simulate(wasm, { project: path.join(import.meta.dirname, "apps") });
    const failed = await board.call("/fail", { command: "throw", value: 0n });
    expect(failed).toMatchObject({ success: false });
    expect(board.traps).toHaveLength(1);
    board.restart();
    expect(board.traps).toEqual([]);
    expect(board).toLog(/^\/fail: the arm is stuck/, { level: "error" });
    expect(await board.call("/fail", { command: "nothing", value: 0n })).toMatchObject({ success: true });
    board.unplug();
    await expect(
      board.call("/fail", { command: "nothing", value: 0n }, { timeoutMs: 1000 }),
    ).rejects.toMatchObject({ code: "SIM_NO_SERVICE" });
    expect(board.logs.map(formatLog).join("\n")).toContain("[ERROR]");
  });

  it("finds what it has stored", async () => {
    const kept = await buildTestApp("kept");
    const board = await simulate(kept.wasm);
    const level = async () => {
      const { values } = await board.call("/kept/get_parameters", { names: ["level"] });
      return values;
    };
    expect(await level()).toMatchObject([{ integer_value: 3n }]);
    const parameters = [{ name: "level", value: { type: 2, integer_value: 7n } }];
    const answer = await board.call("/kept/set_parameters", { parameters });
    expect(answer).toEqual({ results: [{ successful: true, reason: "" }] });
    board.restart();
    expect(await level()).toMatchObject([{ integer_value: 7n }]);
    expect(board.storage.size).toBeGreaterThan(0);
  });
});
