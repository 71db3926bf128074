import { describe, expect, it } from "vitest";
import type { GraphCall } from "../../../simulation/graph.js";
import { SimulatedGraph } from "../../../simulation/graph.js";
import { Link, type LinkOptions } from "../../../simulation/link.js";
import { LinkedGraph } from "../../../simulation/linked-graph.js";
import { DEFAULT_QOS } from "../../../simulation/qos-matching.js";
import { Timeline } from "../../../simulation/timeline.js";

const MS = 1_000_000n;
const SECONDS = 1000n * MS;
const SAMPLES = 200;

function linked(options: LinkOptions) {
  const graph = new SimulatedGraph();
  const timeline = new Timeline(graph.clock);
  graph.join(timeline);
  return { graph, board: new LinkedGraph(graph, new Link(options), timeline) };
}

/** What a subscription on the board hears of 200 samples, one each millisecond, and when. */
function hear(options: LinkOptions, reliability: number): { value: number; time: bigint }[] {
  const { graph, board } = linked(options);
  const ends = { topic: "/t", type: "T", qos: { ...DEFAULT_QOS, reliability } };
  const heard: { value: number; time: bigint }[] = [];
  board.addReader({
    ...ends,
    take: (payload) => heard.push({ value: payload[0] ?? -1, time: graph.clock.now }),
  });
  graph.addWriter(ends);
  for (let i = 0; i < SAMPLES; i++) {
    graph.publish(ends, Uint8Array.of(i));
    graph.advanceTo(graph.clock.now + MS);
  }
  graph.advanceTo(100n * SECONDS);
  return heard;
}

describe("a board's link", () => {
  it("without faults carries samples at once", () => {
    const heard = hear({}, 1);
    expect(heard.map(({ value }) => value)).toEqual(Array.from({ length: SAMPLES }, (_, i) => i));
    expect(heard.every(({ value, time }) => time === BigInt(value) * MS)).toBe(true);
  });

  it.each([1, 2, 3, 4, 5])("keeps reliable samples whole and in order, seed %i", (seed) => {
    const heard = hear({ seed, loss: 0.5, jitterMs: 50, delayMs: 5, duplication: 0.3 }, 1);
    expect(heard.map(({ value }) => value)).toEqual(Array.from({ length: SAMPLES }, (_, i) => i));
    expect(heard.at(-1)?.time).toBeGreaterThan(BigInt(SAMPLES + 5) * MS);
  });

  it.each([1, 2, 3, 4, 5])("loses about its share of best-effort samples, none twice, seed %i", (seed) => {
    const values = hear({ seed, loss: 0.25, duplication: 0.5 }, 0).map(({ value }) => value);
    expect(new Set(values).size).toBe(values.length);
    expect(values.length).toBeGreaterThan(SAMPLES * 0.6);
    expect(values.length).toBeLessThan(SAMPLES * 0.9);
  });

  it("does the same again with the same seed, and something else with another", () => {
    const options = { loss: 0.3, jitterMs: 20 };
    expect(hear({ ...options, seed: 9 }, 0)).toEqual(hear({ ...options, seed: 9 }, 0));
    expect(hear({ ...options, seed: 9 }, 0)).not.toEqual(hear({ ...options, seed: 8 }, 0));
  });

  it("has the speed of its line, and no more", () => {
    const heard = hear({ baudRate: 9600 }, 1);
    // 1 octet and 40 of headers, ten bits each, one after the other.
    const sample = (41n * 10n * SECONDS) / 9600n;
    for (const [i, { time }] of heard.entries()) expect(time).toBe(sample * BigInt(i + 1));
  });

  it("carries calls and responses both ways, and none to a server that is gone", () => {
    const { graph, board } = linked({ delayMs: 10 });
    const types = { name: "/s", requestType: "Q", responseType: "P" };
    const server = { ...types, serve: ({ payload, reply }: GraphCall) => reply(payload.map((x) => x + 1)) };
    board.addServer(server);
    const client = { ...types };
    board.addClient(client);
    const replies: string[] = [];
    const ask = () =>
      board.call(client, {
        payload: Uint8Array.of(1),
        bigEndian: false,
        reply: (response) => replies.push(`${response} at ${graph.clock.now / MS} ms`),
        fail: () => {},
      });
    expect(ask()).toBe(true);
    graph.advanceTo(SECONDS);
    // The client's own link up, the server's down and up, the client's down: they are one board.
    expect(replies).toEqual(["2 at 40 ms"]);
    expect(ask()).toBe(true);
    board.remove(server);
    graph.advanceTo(2n * SECONDS);
    expect(replies).toHaveLength(1);
    expect(ask()).toBe(false);
  });

  it("carries no request to a server that goes while it is on its way down", () => {
    const { graph, board } = linked({ delayMs: 10 });
    const types = { name: "/s", requestType: "Q", responseType: "P" };
    let served = 0;
    const server = { ...types, serve: () => void served++ };
    board.addServer(server);
    const client = { ...types };
    graph.addClient(client);
    const ask = () =>
      graph.call(client, { payload: Uint8Array.of(1), bigEndian: false, reply: () => {}, fail: () => {} });
    expect(ask()).toBe(true);
    graph.advanceTo(SECONDS);
    expect(ask()).toBe(true);
    board.remove(server);
    graph.advanceTo(2n * SECONDS);
    expect(served).toBe(1);
  });

  it.each([
    { loss: 0.96 },
    { loss: -1 },
    { duplication: 2 },
    { retryMs: Number.NaN },
    { delayMs: -1 },
    { baudRate: Number.POSITIVE_INFINITY },
  ])("refuses %o", (options) => {
    expect(() => new Link(options)).toThrow(expect.objectContaining({ code: "SIM_LINK" }));
  });
});
