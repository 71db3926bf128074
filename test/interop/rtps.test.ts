/** The RTPS participant against rclpy (rmw_fastrtps) of two distributions, over loopback UDP. */
import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type {
  EndpointDescription,
  NetworkNode,
  Qos,
  Sample,
  SampleIdentity,
} from "../../host-agent/src/bridge/network.js";
import { SERVICE_QOS } from "../../host-agent/src/bridge/network.js";
import { CdrReader } from "../../host-agent/src/cdr/reader.js";
import { CdrWriter } from "../../host-agent/src/cdr/writer.js";
import { openRtpsNetwork, type RtpsNetwork, type RtpsOptions } from "../../host-agent/src/rtps/network.js";
import { DISTROS } from "./ros2.js";
import { RclpyPeer } from "./rtps-peer.js";

const REQUEST_HASH = "RIHS01_000c5fd92d6b2e1a05949348f584d6d652adea1e92d691792011ac2273508302";
const RESPONSE_HASH = "RIHS01_de5c030d4af33cba2749310b249737b631594703f9300495f48bffb2b44dcc2f";
const TYPE = "example_interfaces::srv::dds_::AddTwoInts";
const REQUEST = {
  topic: "rq/add_two_intsRequest",
  type: `${TYPE}_Request_`,
  typeHash: REQUEST_HASH,
  qos: SERVICE_QOS,
};
const REPLY = {
  topic: "rr/add_two_intsReply",
  type: `${TYPE}_Response_`,
  typeHash: RESPONSE_HASH,
  qos: SERVICE_QOS,
};
const log = (topic: string, durability: Qos["durability"], depth = 10): EndpointDescription => ({
  topic: `rt/${topic}`,
  type: "rcl_interfaces::msg::dds_::Log_",
  qos: { reliability: "reliable", durability, history: { kind: "keep_last", depth } },
});

/** Which distribution uses which domains: tests of other files run at the same time. */
const DOMAINS = { jazzy: 12, kilted: 13 } as const;

describe.each(DISTROS)("rclpy %s", (distro) => {
  const domainId = DOMAINS[distro];
  const opened: RtpsNetwork[] = [];
  let peer: RclpyPeer;

  const open = async (options: Partial<RtpsOptions> = {}): Promise<RtpsNetwork> => {
    const network = await openRtpsNetwork({ domainId, range: "LOCALHOST", ...options });
    opened.push(network);
    return network;
  };

  beforeEach(async () => {
    peer = await RclpyPeer.start(distro, domainId);
  });

  afterEach(async () => {
    for (const network of opened.splice(0)) await network.close();
    await peer.kill();
  });

  test("a client gets replies and sees the node", async () => {
    const network = await open();
    serveAddTwoInts(network.createNode("rosehip_server", "/"));
    await peer.do("wait_service");
    const { sums } = await peer.do<{ sums: number[] }>("call", { count: 50 });
    expect(sums).toEqual(Array.from({ length: 50 }, (_, index) => index + 100));
    const { nodes } = await peer.do<{ nodes: string[] }>("nodes", { until: ["rosehip_server", true] });
    expect(nodes.sort()).toEqual(["rosehip_server", "rtps_peer"]);
  });

  test("our client gets replies of an rclpy server", async () => {
    await peer.do("serve");
    const node = (await open()).createNode("rosehip_client", "/");
    const replies: bigint[] = [];
    let ready = 0;
    const arrived = new Signal();
    const matched = {
      onMatch: (_remote: unknown, isMatched: boolean) => {
        ready += isMatched ? 1 : -1;
        arrived.raise();
      },
    };
    const reader = node.createReader(REPLY, {
      ...matched,
      onSample: (sample) => {
        expect(Buffer.from(sample.related?.guid ?? []).equals(Buffer.from(reader.guid))).toBe(true);
        replies.push(new CdrReader(sample.payload, sample.littleEndian).i64());
        arrived.raise();
        return true;
      },
    });
    const writer = node.createWriter(REQUEST, matched);
    await arrived.until(() => ready === 2);
    for (let a = 0n; a < 20n; a++) {
      const request = new CdrWriter();
      request.i64(a);
      request.i64(100n);
      writer.write(request.bytes, { guid: reader.guid, sequenceNumber: -1n });
      await arrived.until(() => replies.length > Number(a));
    }
    expect(replies).toEqual(Array.from({ length: 20 }, (_, index) => BigInt(index) + 100n));
  });

  test("type hashes are seen by get_publishers_info_by_topic and by us", async () => {
    const network = await open();
    const node = network.createNode("hashed", "/somewhere");
    node.createWriter({ ...log("hashed", "volatile"), typeHash: REQUEST_HASH }, {});
    await peer.do("subscribe", { topic: "hashed" });
    await peer.do("nodes", { until: ["hashed", true] });
    const infos = await peer.do<{ publishers: string[][] }>("endpoints", { topic: "/hashed" });
    expect(infos.publishers).toHaveLength(1);
    expect(infos.publishers[0]?.slice(0, 2)).toEqual(["hashed", "rcl_interfaces/msg/Log"]);
    expect(infos.publishers[0]?.[2]).toContain(REQUEST_HASH.slice("RIHS01_".length));
    await vi.waitFor(() => {
      const theirs = network.graph().nodes.find(({ name }) => name === "rtps_peer");
      expect(theirs?.namespace).toBe("/");
      const client = theirs?.endpoints.find(({ topic }) => topic === REQUEST.topic);
      expect(client?.typeHash).toBe(REQUEST_HASH);
    });
  });

  test("late joiners get the history, both ways", async () => {
    const { sha256 } = await peer.do<{ sha256: string[] }>("publish", {
      topic: "theirs",
      durability: "TRANSIENT_LOCAL",
      depth: 3,
      count: 5,
      size: 100,
    });
    const node = (await open()).createNode("late", "/");
    const received = await receive(node, log("theirs", "transient_local", 3), 3);
    expect(received).toEqual(sha256.slice(2));

    const writer = node.createWriter(log("ours", "transient_local", 3), {});
    const texts = ["one", "two", "three", "four"];
    for (const text of texts) writer.write(logMessage(text));
    await peer.do("subscribe", { topic: "ours", durability: "TRANSIENT_LOCAL", depth: 3 });
    const got = await peer.do<{ sha256: string[] }>("received", { topic: "ours", count: 3 });
    expect(got.sha256).toEqual(texts.slice(1).map(digest));
  });

  test.each([1, 5, 20260])(
    "1 MB samples both ways with one datagram in twenty lost, seed %i",
    async (seed) => {
      const random = mulberry32(seed);
      let lost = 0;
      const lose = () => random() < 0.05 && ++lost > 0;
      const node = (await open({ lose })).createNode("lossy", "/");
      const fromPeer = receive(node, log("big_in", "volatile"), 5);
      const published = await peer.do<{ sha256: string[] }>("publish", {
        topic: "big_in",
        count: 5,
        size: 1_000_000,
        match: true,
      });
      expect(await fromPeer).toEqual(published.sha256);

      await peer.do("subscribe", { topic: "big_out" });
      const matched = new Signal();
      const writer = node.createWriter(log("big_out", "volatile"), { onMatch: () => matched.raise() });
      await matched.until(() => writer.matchedCount === 1);
      const texts = ["a", "b", "c", "d", "e"].map((letter) => letter.repeat(1_000_000));
      for (const text of texts) writer.write(logMessage(text));
      const got = await peer.do<{ sha256: string[] }>("received", { topic: "big_out", count: 5 });
      expect(got.sha256).toEqual(texts.map(digest));
      expect(lost).toBeGreaterThan(0);
    },
  );

  test("a late joiner gets a history of large samples, one datagram in twenty lost", async () => {
    const random = mulberry32(7);
    const node = (await open({ lose: () => random() < 0.05 })).createNode("archive", "/");
    const writer = node.createWriter(log("archive", "transient_local", 4), {});
    const texts = ["a", "b", "c", "d"].map((letter) => letter.repeat(2_000_000));
    for (const text of texts) writer.write(logMessage(text));
    await peer.do("subscribe", { topic: "archive", durability: "TRANSIENT_LOCAL", depth: 4 });
    const got = await peer.do<{ sha256: string[] }>("received", { topic: "archive", count: 4 });
    expect(got.sha256).toEqual(texts.map(digest));
  });

  test("a 16 MB sample goes both ways", async () => {
    const node = (await open()).createNode("huge", "/");
    const fromPeer = receive(node, log("huge_in", "volatile"), 1);
    const size = 16 * 1024 * 1024;
    const published = await peer.do<{ sha256: string[] }>("publish", {
      topic: "huge_in",
      count: 1,
      size,
      match: true,
    });
    expect(await fromPeer).toEqual(published.sha256);
    await peer.do("subscribe", { topic: "huge_out" });
    const matched = new Signal();
    const writer = node.createWriter(log("huge_out", "volatile"), { onMatch: () => matched.raise() });
    await matched.until(() => writer.matchedCount === 1);
    const text = "x".repeat(size);
    writer.write(logMessage(text));
    const got = await peer.do<{ sha256: string[] }>("received", { topic: "huge_out", count: 1 });
    expect(got.sha256).toEqual([digest(text)]);
  });

  test("incompatible QoS and types are reported with a reason", async () => {
    const node = (await open()).createNode("picky", "/");
    const reasons: string[] = [];
    const reported = new Signal();
    const listener = {
      onSample: () => true,
      onIncompatible: (_remote: unknown, reason: string) => {
        reasons.push(reason);
        reported.raise();
      },
    };
    node.createReader(log("durable", "transient_local"), listener);
    node.createReader({ ...log("typed", "volatile"), type: "other::msg::dds_::Thing_" }, listener);
    await peer.do("publish", { topic: "durable", count: 1, size: 1 });
    await peer.do("publish", { topic: "typed", count: 1, size: 1 });
    await reported.until(() => reasons.length === 2);
    expect(reasons).toEqual([
      "DURABILITY does not match: the writer offers volatile, the reader requests transient_local.",
      "Type names differ on topic rt/typed: the writer has rcl_interfaces::msg::dds_::Log_, the reader other::msg::dds_::Thing_.",
    ]);
  });

  test("closing the network removes its nodes at once", async () => {
    const network = await open();
    network.createNode("short_lived", "/");
    await peer.do("nodes", { until: ["short_lived", true] });
    await network.close();
    const { seconds } = await peer.do<{ seconds: number }>("nodes", { until: ["short_lived", false] });
    // Its lease would have lasted 20 s.
    expect(seconds).toBeLessThan(10);
  });

  test("a peer that is killed disappears when its lease of 20 s expires", async () => {
    const network = await open();
    const node = network.createNode("watcher", "/");
    const changes: boolean[] = [];
    const changed = new Signal();
    node.createReader(REQUEST, {
      onSample: () => true,
      onMatch: (_remote, matched) => {
        changes.push(matched);
        changed.raise();
      },
    });
    await changed.until(() => changes.length === 1);
    const names = () => network.graph().nodes.map(({ name }) => name);
    await vi.waitFor(() => expect(names()).toContain("rtps_peer"));
    await peer.kill();
    const killedAt = performance.now();
    await changed.until(() => changes.length === 2);
    expect(changes).toEqual([true, false]);
    expect(performance.now() - killedAt).toBeGreaterThan(10_000);
    expect(names()).toEqual(["watcher"]);
  });
});

function serveAddTwoInts(node: NetworkNode): void {
  const writer = node.createWriter(REPLY, {});
  node.createReader(REQUEST, {
    onSample: (sample) => {
      const request = new CdrReader(sample.payload, sample.littleEndian);
      const response = new CdrWriter();
      response.i64(request.i64() + request.i64());
      writer.write(response.bytes, replyTo(sample));
      return true;
    },
  });
}

/** Identity of the request, with the reply reader's GUID where the client gives one (rmw_fastrtps). */
function replyTo(sample: Sample): SampleIdentity {
  return {
    guid: sample.related?.guid ?? sample.writer.guid,
    sequenceNumber: sample.writer.sequenceNumber,
  };
}

/** @returns the SHA-256 of the first `count` texts that arrive */
async function receive(
  node: NetworkNode,
  description: EndpointDescription,
  count: number,
): Promise<string[]> {
  const received: string[] = [];
  const arrived = new Signal();
  node.createReader(description, {
    onSample: (sample) => {
      received.push(digest(logText(sample)));
      arrived.raise();
      return true;
    },
  });
  await arrived.until(() => received.length >= count);
  return received;
}

/** rcl_interfaces/msg/Log: stamp, level, name, msg, file, function, line. */
function logMessage(text: string): Uint8Array {
  const out = new CdrWriter();
  out.i32(0);
  out.u32(0);
  out.u8(20);
  out.string("test");
  out.string(text);
  out.string("");
  out.string("");
  out.u32(0);
  return out.copy();
}

function logText(sample: Sample): string {
  const reader = new CdrReader(sample.payload, sample.littleEndian);
  reader.skip(8 + 1);
  reader.string();
  return reader.string();
}

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Lets a test wait for a condition that changes only where `raise` is called. */
class Signal {
  private waiting: (() => void)[] = [];

  raise(): void {
    for (const resume of this.waiting.splice(0)) resume();
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }
}

function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
