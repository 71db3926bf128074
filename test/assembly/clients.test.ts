import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CdrReader } from "../../host-agent/src/cdr/reader.js";
import { CdrWriter } from "../../host-agent/src/cdr/writer.js";
import type { SimulatedBoard } from "../../simulation/board.js";
import { type GraphCall, type ServerEnd, SimulatedGraph } from "../../simulation/graph.js";
import { DEFAULT_QOS } from "../../simulation/qos-matching.js";
import type { BuildResult } from "../../toolchain/build/build.js";
import { boardWith, buildTestApp, call, send } from "./run-service.js";

const NS_PER_MS = 1_000_000n;
const NO_SERVER = "/remote: timed out: no server is known";

function runResponse(message: string): Uint8Array {
  const writer = new CdrWriter(true);
  writer.boolean(true);
  writer.string(message);
  writer.i64(1n);
  return writer.copy();
}

/** A server on the network that answers when it is told to. */
class RemoteServer implements ServerEnd {
  readonly name = "/remote";
  readonly requestType = "rosehip_test::srv::dds_::Run_Request_";
  readonly responseType: string;
  readonly calls: { readonly command: string; readonly call: GraphCall }[] = [];

  constructor(
    private readonly graph: SimulatedGraph,
    type = "Run",
  ) {
    this.responseType = `rosehip_test::srv::dds_::${type}_Response_`;
    graph.addServer(this);
  }

  serve(call: GraphCall): void {
    this.calls.push({ command: new CdrReader(call.payload).string(), call });
  }

  get commands(): string[] {
    return this.calls.map(({ command }) => command);
  }

  answer(index: number, payload = runResponse(this.calls[index]?.command ?? "")): void {
    this.calls[index]?.call.reply(payload);
  }

  leave(): void {
    this.graph.remove(this);
  }
}

describe("a service client", () => {
  let app: BuildResult;
  let graph: SimulatedGraph;
  let board: SimulatedBoard;
  const lines = () => board.logs.map(({ time, message }) => `${time / NS_PER_MS} ${message}`);

  beforeAll(async () => {
    app = await buildTestApp("clients", 32768);
  });

  beforeEach(() => {
    graph = new SimulatedGraph();
    board = boardWith(app, { graph, sampleLimit: 2000 });
  });

  it("has the names and types of the service", () => {
    expect([...board.clients.values()][0]).toMatchObject({
      name: "/remote",
      requestType: "rosehip_test::srv::dds_::Run_Request_",
      responseType: "rosehip_test::srv::dds_::Run_Response_",
    });
  });

  it("suspends only the task that calls, however many do", async () => {
    const server = new RemoteServer(graph);
    const answers = ["a", "b", "c"].map((word) => send(board, "/call", word, 1000n));
    board.settle();
    expect(server.commands).toEqual(["a", "b", "c"]);
    board.advance(10);
    server.answer(1);
    expect((await call(board, "/wait", "", 0n)).success).toBe(true);
    expect(await answers[1]).toMatchObject({ success: true, message: "b" });
    server.answer(2);
    server.answer(0);
    board.settle();
    expect((await Promise.all(answers)).map(({ message }) => message)).toEqual(["a", "b", "c"]);
    expect(board.pending).toEqual({ requests: 0, calls: 0 });
  });

  it("tells a time-out and its reason, and drops the response that comes later", async () => {
    const server = new RemoteServer(graph);
    const silent = send(board, "/call", "a", 500n);
    board.advance(499);
    expect(board.pending.calls).toBe(1);
    board.advance(1);
    expect(await silent).toMatchObject({ success: false, message: "/remote: timed out: no response" });
    expect(board.pending.calls).toBe(0);
    server.answer(0);
    const next = send(board, "/call", "b", 500n);
    board.settle();
    server.answer(1);
    board.settle();
    expect(await next).toMatchObject({ success: true, message: "b" });
    server.leave();
    expect((await call(board, "/call", "c", 100n)).message).toBe(NO_SERVER);
    const other = new RemoteServer(graph, "Other");
    expect((await call(board, "/call", "d", 100n)).message).toBe(
      "/remote: timed out: the server there is has another type or QoS",
    );
    other.leave();
    expect(board.traps).toEqual([]);
  });

  it("takes a response that comes at the very moment of the time-out", async () => {
    const server = new RemoteServer(graph);
    const answer = send(board, "/call", "a", 500n);
    board.advance(499);
    graph.clock.advanceTo(500n * NS_PER_MS);
    server.answer(0);
    board.settle();
    expect((await answer).message).toMatch(/^a$|timed out: no response$/);
    expect(board.pending).toEqual({ requests: 0, calls: 0 });
  });

  it("sends a request when its server comes, if that is in time", async () => {
    const late = send(board, "/call", "late", 1000n);
    const tooLate = send(board, "/call", "too late", 100n);
    board.advance(500);
    expect((await tooLate).message).toBe(NO_SERVER);
    const server = new RemoteServer(graph);
    expect(server.commands).toEqual(["late"]);
    server.answer(0);
    board.settle();
    expect(await late).toMatchObject({ success: true, message: "late" });
  });

  it("waits for its service", async () => {
    expect(await call(board, "/wait", "", 100n)).toMatchObject({ success: false, value: 0n });
    expect(graph.clock.now).toBe(100n * NS_PER_MS);
    const waiting = [send(board, "/wait", "", 5000n), send(board, "/wait", "", 6000n)];
    board.advance(1000);
    new RemoteServer(graph, "Other");
    board.advance(1000);
    new RemoteServer(graph);
    board.settle();
    for (const answer of waiting) expect(await answer).toMatchObject({ success: true, value: 1n });
    expect(graph.clock.now).toBe(2100n * NS_PER_MS);
  });

  it("calls back, each call with its own answer", async () => {
    const server = new RemoteServer(graph);
    expect((await call(board, "/async", "one two three", 1000n)).success).toBe(true);
    expect(server.commands).toEqual(["one", "two", "three"]);
    board.advance(10);
    server.answer(2);
    board.advance(10);
    server.answer(0);
    board.advance(2000);
    expect(lines()).toEqual(["10 answered three", "20 answered one", "1000 /remote: timed out: no response"]);
  });

  it("tells what cannot be sent, or not be understood", async () => {
    const server = new RemoteServer(graph);
    expect((await call(board, "/call", "x".repeat(1900), 100n)).message).toMatch(/no response$/);
    expect((await call(board, "/call", "x".repeat(2000), 100n)).message).toBe(
      "/remote: larger than the link carries",
    );
    const whole = runResponse("text");
    for (let length = 0; length < whole.length; length++) {
      const answer = send(board, "/call", "cut", 100n);
      board.settle();
      server.answer(server.calls.length - 1, whole.subarray(0, length));
      board.settle();
      expect((await answer).message).toBe("/remote: response does not decode: payload is truncated");
    }
    const answer = send(board, "/call", "large", 100n);
    board.settle();
    server.answer(server.calls.length - 1, new Uint8Array(40_000));
    board.settle();
    expect((await answer).message).toBe("/remote: out of memory: response of 40000 bytes");
    expect(board.traps).toEqual([]);
  });

  it("waits while the outgoing queue is full, until its time is over", async () => {
    const server = new RemoteServer(graph);
    const [short, long] = [send(board, "/call", "short", 50n), send(board, "/call", "long", 5000n)];
    board.firmware.busy = true;
    board.advance(200);
    board.firmware.busy = false;
    board.advance(10);
    expect((await short).message).toBe("/remote: outgoing queue full");
    expect(server.commands).toEqual(["long"]);
    server.answer(0);
    board.settle();
    expect((await long).success).toBe(true);
  });

  it("does 20,000 calls, every tenth without an answer, and its memory is as before", async () => {
    const server = new RemoteServer(graph);
    const free = async () => {
      await call(board, "/free", "");
      return (await call(board, "/free", "")).value;
    };
    const once = async (i: number) => {
      const answer = send(board, "/call", `call ${i}`, 100n);
      board.settle();
      if (i % 10 !== 0) server.answer(server.calls.length - 1);
      board.advance(i % 10 === 0 ? 100 : 1);
      expect((await answer).success).toBe(i % 10 !== 0);
      server.calls.length = 0;
    };
    for (let i = 0; i < 20; i++) await once(i);
    const before = await free();
    for (let i = 0; i < 20_000; i++) await once(i);
    expect({ free: await free(), pending: board.pending, traps: board.traps }).toEqual({
      free: before,
      pending: { requests: 0, calls: 0 },
      traps: [],
    });
  });
});

describe("an action client, with its server on another board", () => {
  let clientApp: BuildResult;
  let serverApp: BuildResult;
  let graph: SimulatedGraph;
  let board: SimulatedBoard;
  const START = 1_700_000_000_000n * NS_PER_MS;
  const messages = () => board.logs.map(({ message }) => message);

  beforeAll(async () => {
    clientApp = await buildTestApp("clients", 32768);
    serverApp = await buildTestApp("actions", 32768);
  });

  beforeEach(() => {
    graph = new SimulatedGraph();
    board = boardWith(clientApp, { graph, rosTimeAtStart: START });
  });

  const startServer = () => boardWith(serverApp, { graph, rosTimeAtStart: START });

  it("waits for all of its server", async () => {
    const waiting = send(board, "/wait_for_server", "", 5000n);
    expect((await call(board, "/wait_for_server", "", 100n)).success).toBe(false);
    board.advance(1000);
    const server = startServer();
    graph.settle();
    expect((await waiting).success).toBe(true);
    server.unplug();
    expect((await call(board, "/wait_for_server", "", 100n)).success).toBe(false);
  });

  it("gets feedback in order, then the result", async () => {
    startServer();
    await call(board, "/goal", "", 4n);
    board.advance(1000);
    expect(messages()).toEqual([
      "feedback 0 1 1",
      "feedback 0 1 1 2",
      "feedback 0 1 1 2 3",
      "status 4 result 0 1 1 2 3",
    ]);
  });

  it("runs goals side by side", async () => {
    startServer();
    for (const order of [2n, 3n, 4n, 41n]) await call(board, "/goal", "", order);
    board.advance(1000);
    const ends = messages().filter((line) => !line.startsWith("feedback"));
    expect(ends).toEqual([
      "rejected",
      "status 4 result 0 1 1",
      "status 4 result 0 1 1 2",
      "status 4 result 0 1 1 2 3",
    ]);
    expect(messages()).toHaveLength(4 + 1 + 2 + 3);
  });

  it("tells time-outs", async () => {
    await call(board, "/goal", "", 4n);
    board.advance(1000);
    expect(messages()).toEqual(["/fibonacci/_action/send_goal: timed out: no server is known"]);
    const server = startServer();
    await call(board, "/goal", "", 30n);
    board.advance(100);
    server.unplug();
    board.advance(6000);
    expect(messages().at(-1)).toBe("/fibonacci/_action/get_result: timed out: no server is known");
    expect((await call(board, "/cancel", "all")).message).toBe(
      "/fibonacci/_action/cancel_goal: timed out: no server is known",
    );
  });

  it("cancels one, all, or those before a time", async () => {
    startServer();
    const one = send(board, "/cancel_one", "");
    board.advance(500);
    expect(await one).toMatchObject({ success: true, message: "0: 1", value: 5n });
    for (let i = 0; i < 3; i++) {
      await call(board, "/goal", "", 30n);
      board.advance(100);
    }
    expect((await call(board, "/cancel", "before", START + 600n * NS_PER_MS)).message).toBe("0: 2");
    expect((await call(board, "/cancel", "all")).message).toBe("0: 1");
    board.advance(1000);
    expect(messages().filter((line) => line.startsWith("status 5"))).toHaveLength(3);
    expect((await call(board, "/cancel", "plain")).message).toBe("0: 0");
  });

  it("hears that its goal was aborted when the server's app traps", async () => {
    const server = startServer();
    await call(board, "/goal", "", 30n);
    board.advance(100);
    void server.request("/trap", new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
    board.advance(100);
    expect(server.traps).toEqual(["unreachable"]);
    expect(messages().at(-1)).toBe("status 6 result ");
  });

  it("gives each goal an ID of its own", async () => {
    startServer();
    const ids = new Set<string>();
    graph.addReader({
      topic: "/fibonacci/_action/status",
      type: "action_msgs::msg::dds_::GoalStatusArray_",
      qos: { ...DEFAULT_QOS, durability: 1 },
      take: (payload) => {
        const reader = new CdrReader(payload);
        for (let left = reader.u32(); left > 0; left--) {
          ids.add(Buffer.from(reader.borrow(16)).toString("hex"));
          reader.i32();
          reader.u32();
          reader.i8();
        }
      },
    });
    for (let i = 0; i < 50; i++) {
      await call(board, "/goal", "", 1n);
      board.advance(100);
    }
    expect(ids.size).toBe(50);
    // RFC 9562: version 4, variant 10.
    for (const id of ids) expect(id).toMatch(/^.{12}4.{3}[89ab]/);
  });
});
