import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CdrReader } from "../../host-agent/src/cdr/reader.js";
import { CdrWriter } from "../../host-agent/src/cdr/writer.js";
import type { AbiQos } from "../../simulation/abi.js";
import type { SimulatedBoard } from "../../simulation/board.js";
import { SimulatedGraph } from "../../simulation/graph.js";
import { DEFAULT_QOS } from "../../simulation/qos-matching.js";
import type { BuildResult } from "../../toolchain/build/build.js";
import { boardWith, buildTestApp, call } from "./run-service.js";

const STRING = "std_msgs::msg::dds_::String_";

function text(value: string, littleEndian = true): Uint8Array {
  const writer = new CdrWriter(littleEndian);
  writer.string(value);
  return writer.copy();
}

describe("topics", () => {
  let app: BuildResult;
  let graph: SimulatedGraph;
  let board: SimulatedBoard;
  const lines = () => board.logs.map(({ time, message }) => `${time / 1_000_000n} ${message}`);

  beforeAll(async () => {
    app = await buildTestApp("topics");
  });

  beforeEach(() => {
    graph = new SimulatedGraph();
    board = boardWith(app, { graph, sampleLimit: 500 });
  });

  /** A subscription on the network: the texts it hears. */
  function listen(topic: string, qos: Partial<AbiQos> = {}, type = STRING): string[] {
    const heard: string[] = [];
    const take = (payload: Uint8Array) => void heard.push(new CdrReader(payload).string());
    graph.addReader({ topic, type, qos: { ...DEFAULT_QOS, ...qos }, take });
    return heard;
  }

  /** A publisher on the network. */
  function speaker(topic: string, type = STRING) {
    const writer = { topic, type, qos: DEFAULT_QOS };
    graph.addWriter(writer);
    return (payload: Uint8Array, bigEndian = false) => graph.publish(writer, payload, bigEndian);
  }

  it("have the names, types, hashes and QoS that were asked for", () => {
    const ends = [...board.publishers.values()].map(({ topic, type, qos }) => ({ topic, type, ...qos }));
    expect(ends).toEqual([
      { topic: "/lab/chatter", type: STRING, ...DEFAULT_QOS },
      { topic: "/lab/topics/latched", type: STRING, ...DEFAULT_QOS, durability: 1, depth: 2 },
      { topic: "/sensor", type: STRING, ...DEFAULT_QOS, reliability: 0, depth: 5 },
      {
        topic: "/lab/strict",
        type: STRING,
        ...DEFAULT_QOS,
        depth: 7,
        deadlineNs: 1_000_000_000n,
        lifespanNs: 2_000_000_000n,
        leaseNs: 3_000_000_000n,
      },
      { topic: "/lab/all", type: STRING, ...DEFAULT_QOS, history: 1, depth: 0 },
    ]);
    // test/vectors/interface/type-hashes.json, made by rosidl.
    const [publisher] = [...board.publishers.values()];
    expect(Buffer.from(publisher?.hash ?? []).toString("hex")).toBe(
      "df668c740482bbd48fb39d76a70dfd4bd59db1288021743503259e948f6b1a18",
    );
    const subscriptions = [...board.subscriptions.values()];
    expect(subscriptions.map(({ topic, qos }) => [topic, qos.depth])).toEqual([
      ["/lab/chatter", 10],
      ["/lab/slow", 3],
      ["/lab/hog", 10],
      ["/lab/header", 10],
    ]);
  });

  it("carry messages to all that match, in order", async () => {
    const heard = listen("/lab/chatter");
    const others = [listen("/chatter"), listen("/lab/chatter", {}, "std_msgs::msg::dds_::Int32_")];
    // Of the app itself, and the one above.
    expect(await call(board, "/lab/publish", "one", 0n)).toMatchObject({ success: true, value: 2n });
    await call(board, "/lab/publish", "two ☹", 0n);
    expect(heard).toEqual(["one", "two ☹"]);
    expect(others).toEqual([[], []]);
    expect(lines()).toEqual(["0 heard one", "0 heard two ☹"]);
  });

  it("keep the last messages for later subscriptions, if transient local", async () => {
    for (const word of ["one", "two", "three"]) await call(board, "/lab/publish", word, 1n);
    expect(listen("/lab/topics/latched", { durability: 1 })).toEqual(["two", "three"]);
    expect(listen("/lab/topics/latched")).toEqual([]);
  });

  it("do not match a subscription that requests more than is offered", async () => {
    const reliable = listen("/sensor");
    expect(await call(board, "/lab/publish", "one", 2n)).toMatchObject({ success: true, value: 0n });
    const bestEffort = listen("/sensor", { reliability: 0 });
    expect(await call(board, "/lab/publish", "two", 2n)).toMatchObject({ success: true, value: 1n });
    expect({ reliable, bestEffort }).toEqual({ reliable: [], bestEffort: ["two"] });
  });

  it("deliver one message after the other; while a callback waits, the oldest gives way", () => {
    const speak = speaker("/lab/slow");
    speak(text("0"));
    board.advance(10);
    for (const word of ["1", "2", "3", "4", "5"]) speak(text(word));
    board.advance(1000);
    expect(lines()).toEqual([
      "0 begins 0",
      "10 the app is too slow for the messages of /lab/slow: the oldest are dropped",
      "100 ends 0",
      "100 begins 3",
      "200 ends 3",
      "200 begins 4",
      "300 ends 4",
      "300 begins 5",
      "400 ends 5",
    ]);
    speak(text("6"));
    board.advance(1000);
    expect(lines().at(-1)).toBe("1110 ends 6");
  });

  it("wait in the firmware while a callback is suspended; services and other topics do not", async () => {
    expect(app.size.memory).toBe(16384);
    const [slow, quick] = [speaker("/lab/slow"), speaker("/lab/chatter")];
    for (let i = 0; i < 300; i++) {
      slow(text(`${i} ${"x".repeat(400)}`));
      if (i % 10 === 0) quick(text(`${i}`));
    }
    expect(await call(board, "/lab/publish", "now", 2n)).toMatchObject({ success: true });
    expect(lines().filter((line) => line.startsWith("0 heard"))).toHaveLength(30);
    board.advance(1000);
    const begun = lines().flatMap((line) => /begins (\d+)/.exec(line)?.[1] ?? []);
    expect(begun).toEqual(["0", "297", "298", "299"]);
    expect(lines().filter((line) => line.includes("too slow"))).toHaveLength(1);
    expect(board.traps).toEqual([]);
  });

  it("wait for memory that other callbacks have, and are told when it does not come", async () => {
    const [hog, quick] = [speaker("/lab/hog"), speaker("/lab/chatter")];
    hog(text("6000"));
    board.advance(1);
    quick(text("x".repeat(1000)));
    quick(text("small"));
    board.advance(1998);
    expect(lines()).toEqual(["0 hogs 6000"]);
    board.advance(2);
    expect(lines().slice(1)).toEqual([
      "2000 frees 6000",
      `2000 heard ${"x".repeat(1000)}`,
      "2000 heard small",
    ]);
    for (let i = 0; i < 7; i++) hog(text("6000"));
    board.advance(1);
    quick(text("x".repeat(1000)));
    board.advance(20_000);
    expect(
      lines()
        .slice(4)
        .filter((line) => !line.includes("6000")),
    ).toEqual(["13001 /lab/chatter: a sample is lost: out of memory: sample of 1005 bytes"]);
    quick(text("after"));
    board.settle();
    expect(lines().at(-1)).toContain("heard after");
    expect(board.traps).toEqual([]);
  });

  it("take big-endian messages and structures", () => {
    speaker("/lab/chatter")(text("big", false), true);
    const writer = new CdrWriter(true);
    writer.i32(-5);
    writer.u32(7);
    writer.string("map");
    speaker("/lab/header", "std_msgs::msg::dds_::Header_")(writer.copy());
    board.settle();
    expect(lines()).toEqual(["0 heard big", "0 map -5.7"]);
  });

  it("tell once what is lost, and go on", () => {
    const speak = speaker("/lab/chatter");
    for (const cut of [3, 4, 5, 0]) speak(text("cut").subarray(0, cut));
    speak(new Uint8Array(30_000));
    speak(new Uint8Array(30_000));
    speak(text("whole"));
    speak(text("cut").subarray(0, 3));
    board.settle();
    expect(lines()).toEqual([
      "0 /lab/chatter: a sample is lost: payload is truncated",
      "0 /lab/chatter: a sample is lost: out of memory: sample of 30000 bytes",
      "0 heard whole",
      "0 /lab/chatter: a sample is lost: payload is truncated",
    ]);
    expect(board.traps).toEqual([]);
  });

  it("tell why a message cannot be sent", async () => {
    const large = await call(board, "/lab/publish", "x".repeat(600), 0n);
    expect(large).toMatchObject({ success: false, message: "larger than the link carries" });
    await call(board, "/lab/publish", "x".repeat(600), 0n);
    expect(await call(board, "/lab/publish", "small", 0n)).toMatchObject({ success: true, message: "" });
    expect(lines()).toEqual(["0 /lab/chatter not published: larger than the link carries", "0 heard small"]);
  });

  it("leave the graph when they are destroyed", async () => {
    const speak = speaker("/lab/slow");
    expect((await call(board, "/lab/destroy", "")).value).toBe(1n);
    speak(text("0"));
    board.advance(100);
    expect(lines()).toEqual([]);
    expect([...board.subscriptions.values()].map(({ topic }) => topic)).toEqual([
      "/lab/chatter",
      "/lab/hog",
      "/lab/header",
    ]);
  });
});
