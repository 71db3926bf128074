/**
 * Whatever arrives, a participant neither throws nor hangs nor keeps more than its limits. Seeds are the
 * datagrams of the captures; mutations are random. Seed: ROSEHIP_SEED, or one that is printed.
 */
import { describe, expect, test } from "vitest";
import { RosehipError } from "../../host-agent/src/errors.js";
import { decodeEndpointData } from "../../host-agent/src/rtps/discovery/endpoint-data.js";
import { decodeParticipantData } from "../../host-agent/src/rtps/discovery/participant-data.js";
import { decodeParticipantEntities } from "../../host-agent/src/rtps/discovery/participant-entities.js";
import type { Data } from "../../host-agent/src/rtps/messages/data.js";
import { decodeSubmessages } from "../../host-agent/src/rtps/messages/message.js";
import type { Participant } from "../../host-agent/src/rtps/participant.js";
import { CAPTURES, readCapture } from "../unit/rtps/pcap.js";
import { mulberry32, VirtualNetwork } from "../unit/rtps/virtual-network.js";

const seed = Number(process.env["ROSEHIP_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
console.log(`RTPS fuzz seed ${seed}`);

const corpus = CAPTURES.flatMap((name) => readCapture(name).map(({ datagram }) => datagram));
const TOPICS = ["rq/add_two_intsRequest", "rr/add_two_intsReply", "rt/fibonacci/_action/status"];

/** Bit flips, edge values, cuts, repeats: one to eight of them. */
function mutate(datagram: Uint8Array, random: () => number): Uint8Array {
  let bytes = Uint8Array.from(datagram);
  const index = (length: number) => Math.floor(random() * length);
  for (let times = 1 + index(8); times > 0 && bytes.length > 0; times--) {
    const at = index(bytes.length);
    switch (index(6)) {
      case 0:
        bytes[at] = (bytes[at] as number) ^ (1 << index(8));
        break;
      case 1:
        bytes[at] = [0, 1, 0x7f, 0x80, 0xff][index(5)] as number;
        break;
      case 2:
        bytes.fill([0, 0xff][index(2)] as number, at, at + 1 + index(8));
        break;
      case 3:
        bytes = bytes.subarray(0, at);
        break;
      case 4:
        bytes.copyWithin(at, index(bytes.length), index(bytes.length));
        break;
      case 5: {
        const other = corpus[index(corpus.length)] as Uint8Array;
        const from = 20 + index(Math.max(1, other.length - 20));
        bytes = Uint8Array.from([...bytes.subarray(0, at), ...other.subarray(from)]).subarray(0, 65_507);
      }
    }
  }
  return bytes;
}

function onlyRosehipErrors(decode: () => unknown): void {
  try {
    decode();
  } catch (error) {
    if (!(error instanceof RosehipError)) throw error;
  }
}

/** A participant with endpoints that match those of the captures. */
function target(network: VirtualNetwork): Participant {
  const participant = network.join();
  const types: Record<string, string> = {
    "rq/add_two_intsRequest": "example_interfaces::srv::dds_::AddTwoInts_Request_",
    "rr/add_two_intsReply": "example_interfaces::srv::dds_::AddTwoInts_Response_",
    "rt/fibonacci/_action/status": "action_msgs::msg::dds_::GoalStatusArray_",
  };
  for (const topic of TOPICS) {
    const description = {
      topic,
      type: types[topic] as string,
      qos: { reliability: "reliable", durability: "volatile", history: { kind: "keep_last", depth: 10 } },
    } as const;
    participant.createReader(description, { onSample: () => true });
    const writer = participant.createWriter(description, {});
    writer.write(new Uint8Array(3000));
  }
  return participant;
}

describe("decoders throw nothing but RosehipError", () => {
  const payloads = corpus.flatMap((datagram) => {
    const found: Uint8Array[] = [];
    decodeSubmessages(datagram, (submessage) => {
      const payload = (submessage as Data).payload;
      if (payload !== undefined) found.push(payload);
    });
    return found;
  });
  const decoders: [string, (bytes: Uint8Array) => unknown][] = [
    ["participant data", decodeParticipantData],
    ["endpoint data", (bytes) => decodeEndpointData("writer", bytes)],
    ["node list", (bytes) => decodeParticipantEntities(bytes, true)],
  ];

  test.each(decoders)("%s, all truncations of all payloads", (_name, decode) => {
    const distinct = new Map(payloads.map((payload) => [Buffer.from(payload).toString("latin1"), payload]));
    for (const payload of distinct.values()) {
      for (let length = 0; length <= payload.length; length++) {
        onlyRosehipErrors(() => decode(payload.subarray(0, length)));
      }
    }
  });

  test.each(decoders)("%s, 20,000 mutations", (_name, decode) => {
    const random = mulberry32(seed);
    for (let round = 0; round < 20_000; round++) {
      const payload = payloads[Math.floor(random() * payloads.length)] as Uint8Array;
      onlyRosehipErrors(() => decode(mutate(payload, random)));
    }
  });

  test("messages, all truncations of all datagrams", () => {
    const distinct = new Map(corpus.map((datagram) => [Buffer.from(datagram).toString("latin1"), datagram]));
    for (const datagram of distinct.values()) {
      for (let length = 20; length <= datagram.length; length++) {
        onlyRosehipErrors(() => decodeSubmessages(datagram.subarray(0, length), () => undefined));
      }
    }
  });
});

describe("a participant survives", () => {
  test.each(CAPTURES)("the datagrams of %s, as they are and mutated, in their order", (name) => {
    const random = mulberry32(seed);
    const network = new VirtualNetwork(seed);
    const participant = target(network);
    for (const { datagram } of readCapture(name)) {
      participant.receive(Uint8Array.from(datagram), "127.0.0.1");
      for (let copy = 0; copy < 20; copy++) {
        participant.receive(mutate(datagram, random), "127.0.0.1");
        if (copy % 10 === 0) network.run(3);
      }
    }
    network.run(60_000);
    participant.close();
  });

  test("20,000 mutated datagrams in any order, which change nothing of its own endpoints", () => {
    const random = mulberry32(seed ^ 0x5eed);
    const network = new VirtualNetwork(seed);
    const participant = target(network);
    for (let round = 0; round < 20_000; round++) {
      const datagram = corpus[Math.floor(random() * corpus.length)] as Uint8Array;
      participant.receive(mutate(datagram, random), "127.0.0.1");
      if (round % 50 === 0) network.run(10);
    }
    network.run(1000);
    const own = participant.prefix;
    const endpoints = [...participant.endpoints()];
    expect(endpoints.filter(({ guid }) => guid.prefix === own)).toHaveLength(2 * TOPICS.length);
    expect(network.sent).toBeLessThan(2_000_000);
    participant.close();
  });
});
