import { describe, expect, it } from "vitest";
import { LIMITS } from "../../../host-agent/src/limits.js";
import type { DataSpace, OnMatch, OnReply } from "../../../host-agent/src/xrce/object/data-space.js";
import type { GraphCall } from "../../../simulation/graph.js";
import { LiveGraph } from "../../../simulation/live/live-graph.js";
import { DEFAULT_QOS } from "../../../simulation/qos-matching.js";

const ORIGIN = { node: { name: "n", namespace: "/" }, hashes: undefined };
const DEVICE = { domainId: 0, clientKey: 1, peer: "simulation:test" };
const nothing = () => {};

/** A graph whose data space has room for so many samples, and answers no request by itself. */
function live(createParticipant?: DataSpace["createParticipant"]) {
  const state = { room: 0, written: [] as number[], answer: nothing as OnReply | typeof nothing };
  const errors: unknown[] = [];
  const participant = {
    nodeName: "/n",
    createWriter: () => ({
      write: (payload: Uint8Array) => state.room-- > 0 && state.written.push(payload[0] ?? -1) > 0,
      close: nothing,
    }),
    createReader: () => ({ resume: nothing, close: nothing }),
    createRequester: (_request: unknown, onReply: OnReply, _onSpace: unknown, onMatch: OnMatch) => {
      state.answer = onReply;
      queueMicrotask(() => onMatch(1, false));
      return { request: () => true, resume: nothing, close: nothing };
    },
    createReplier: () => ({ reply: () => true, resume: nothing, close: nothing }),
    leave: nothing,
    close: nothing,
  };
  const graph = new LiveGraph(
    { createParticipant: createParticipant ?? (() => participant) },
    DEVICE,
    (error) => errors.push(error),
  );
  return { graph, state, errors };
}

/** Lets promises settle. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("a live graph", () => {
  it("says that a sample found no room, so that the app sends it again", async () => {
    const { graph, state } = live();
    const writer = { topic: "/t", type: "T", qos: DEFAULT_QOS };
    graph.addWriter(writer, ORIGIN);
    await settled();
    state.room = 1;
    expect([graph.publish(writer, Uint8Array.of(1)), graph.publish(writer, Uint8Array.of(2))]).toEqual([
      true,
      false,
    ]);
    expect(state.written).toEqual([1]);
    graph.close();
  });

  it("keeps no more unanswered calls than the agent does: the oldest are forgotten", async () => {
    const { graph, state } = live();
    const client = { name: "/s", requestType: "Q", responseType: "P" };
    graph.addClient(client, ORIGIN);
    await settled();
    const most = LIMITS.outstandingRequests + LIMITS.queuedRequests;
    const answered: number[] = [];
    const call = (index: number): GraphCall => ({
      payload: new Uint8Array(),
      bigEndian: false,
      reply: () => answered.push(index),
      fail: nothing,
    });
    for (let index = 1; index <= most + 1; index++) expect(graph.call(client, call(index))).toBe(true);
    for (const index of [1, 2, most + 1]) state.answer(index, new Uint8Array(), true);
    expect(answered).toEqual([2, most + 1]);
    graph.close();
  });

  it("closes after its participant could not be created, which it told", async () => {
    const unhandled: unknown[] = [];
    const listener = (error: unknown) => unhandled.push(error);
    process.on("unhandledRejection", listener);
    const refusal = new Error("no port is free");
    const { graph, errors } = live(() => Promise.reject(refusal));
    graph.addWriter({ topic: "/t", type: "T", qos: DEFAULT_QOS }, ORIGIN);
    await settled();
    expect(errors).toEqual([refusal]);
    graph.close();
    await settled();
    process.off("unhandledRejection", listener);
    expect(unhandled).toEqual([]);
  });
});
