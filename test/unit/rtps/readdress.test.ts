/** A participant whose host gets another address while it is known (DDSI-RTPS 2.5, 8.5.3 and 8.5.4). */
import { describe, expect, test } from "vitest";
import {
  type EndpointDescription,
  type MatchedEndpoint,
  SERVICE_QOS,
} from "../../../host-agent/src/bridge/network.js";
import { CdrWriter } from "../../../host-agent/src/cdr/writer.js";
import { encodeEndpointData } from "../../../host-agent/src/rtps/discovery/endpoint-data.js";
import { encodeParticipantData } from "../../../host-agent/src/rtps/discovery/participant-data.js";
import { encodeData } from "../../../host-agent/src/rtps/messages/data.js";
import { encodeMessageHeader } from "../../../host-agent/src/rtps/messages/header.js";
import type { Participant } from "../../../host-agent/src/rtps/participant.js";
import { VirtualNetwork } from "./virtual-network.js";

const topic = (name: string): EndpointDescription => ({
  topic: `rt/${name}`,
  type: "test::A",
  qos: SERVICE_QOS,
});

/** Keeps what a reader or writer hears. */
function listening() {
  const samples: number[] = [];
  const matches: string[] = [];
  return {
    samples,
    matches,
    onSample: ({ payload }: { payload: Uint8Array }) => samples.push(payload[0] as number) > 0,
    onMatch: (_remote: MatchedEndpoint, matched: boolean, total: number) =>
      void matches.push(`${matched ? "+" : "-"}${total}`),
  };
}

describe("two participants, one of which gets another address", () => {
  function pair() {
    const network = new VirtualNetwork();
    const [here, other] = [network.join(), network.join()];
    const [requests, replies, heard] = [listening(), listening(), listening()];
    here.createReader(topic("request"), requests);
    const reply = here.createWriter(topic("reply"), heard);
    const request = other.createWriter(topic("request"), {});
    other.createReader(topic("reply"), replies);
    network.until(() => request.matchedCount === 1 && reply.matchedCount === 1);
    network.run(5000);
    return { network, here, other, requests, replies, heard, reply, request };
  }

  test("go on where they were: samples arrive there, and requests from there are answered", () => {
    const { network, other, requests, replies, heard, reply, request } = pair();
    for (let i = 0; i < 20; i++) {
      request.write(Uint8Array.of(i));
      reply.write(Uint8Array.of(i));
      network.run(50);
    }
    network.readdress(other, "10.9.9.9");
    reply.write(Uint8Array.of(20));
    network.until(() => replies.samples.at(-1) === 20, 5000);
    request.write(Uint8Array.of(20));
    network.until(() => requests.samples.at(-1) === 20, 10);
    reply.write(Uint8Array.of(21));
    network.until(() => replies.samples.at(-1) === 21, 10);
    network.run(60_000);
    expect(requests.samples).toEqual(Array.from({ length: 21 }, (_, i) => i));
    expect(replies.samples).toEqual(Array.from({ length: 22 }, (_, i) => i));
    // Nobody was matched anew, and all is confirmed both ways.
    expect([requests.matches, heard.matches]).toEqual([["+1"], ["+1"]]);
    expect([request.writer.acknowledged, reply.writer.acknowledged]).toEqual([true, true]);
  });

  test("repair what is lost there: their counts have gone on", () => {
    const { network, other, requests, replies, reply, request } = pair();
    for (let i = 0; i < 20; i++) {
      request.write(Uint8Array.of(i));
      reply.write(Uint8Array.of(i));
      network.run(50);
    }
    network.readdress(other, "10.9.9.9");
    network.run(5000);
    network.wire.loss = 0.5;
    for (let i = 20; i < 30; i++) {
      request.write(Uint8Array.of(i));
      reply.write(Uint8Array.of(i));
    }
    network.run(10_000);
    const all = Array.from({ length: 30 }, (_, i) => i);
    expect([requests.samples, replies.samples]).toEqual([all, all]);
  });

  test("a large sample that is under way gets there whole", () => {
    const network = new VirtualNetwork();
    const [here, other] = [network.join(), network.join()];
    const received: Buffer[] = [];
    other.createReader(topic("large"), {
      onSample: ({ payload }) => received.push(Buffer.from(payload)) > 0,
    });
    const writer = here.createWriter(topic("large"), {});
    network.until(() => writer.matchedCount === 1);
    network.run(1000);
    const sample = Buffer.alloc(1_000_000, "large sample ");
    writer.write(sample);
    network.run(3);
    expect(received).toEqual([]);
    network.readdress(other, "10.9.9.9");
    network.until(() => received.length === 1, 10_000);
    expect(received[0]?.equals(sample)).toBe(true);
  });

  test("hear of each other's new endpoints", () => {
    const { network, here, other } = pair();
    network.readdress(other, "10.9.9.9");
    network.run(5000);
    const [mine, theirs] = [here.createWriter(topic("later"), {}), other.createWriter(topic("back"), {})];
    other.createReader(topic("later"), listening());
    here.createReader(topic("back"), listening());
    network.until(() => mine.matchedCount === 1 && theirs.matchedCount === 1, 1000);
  });

  test("part when the lease expires that began with the last message from there", () => {
    const { network, other, heard } = pair();
    network.readdress(other, "10.9.9.9");
    network.run(60_000);
    expect(heard.matches).toEqual(["+1"]);
    network.unplug(other);
    network.run(21_000);
    expect(heard.matches).toEqual(["+1", "-0"]);
  });
});

// ---- A participant made by hand -----------------------------------------------------------------------------------

const PREFIX = "\x01\x0fmade-up".padEnd(12, "\0");
const [OLD, NEW, OWN] = ["10.9.9.9", "10.8.8.8", "10.7.7.7"];
const READER = { prefix: PREFIX, entityId: 0x104 };
const SPDP_WRITER = 0x000100c2;
const SEDP_SUBSCRIPTIONS_WRITER = 0x000004c2;
const PID_UNICAST_LOCATOR = 0x2f;

function data(writerId: number, sequenceNumber: number, payload: Uint8Array): Uint8Array {
  const out = new CdrWriter();
  encodeMessageHeader(out, Buffer.from(PREFIX, "latin1"));
  encodeData(out, { kind: "data", readerId: 0, writerId, sequenceNumber, keyOnly: false, payload });
  return out.copy();
}

function announcement(...addresses: string[]): Uint8Array {
  const at = (port: number) => addresses.map((address) => ({ address, port }));
  const own = { prefix: PREFIX, domainId: 0, lease: 20_000_000_000n, enclave: "/" };
  const payload = encodeParticipantData({ ...own, metatrafficUnicast: at(7410), defaultUnicast: at(7411) });
  return data(SPDP_WRITER, 1, payload);
}

/** DATA(r), with locators of its own. */
function readerData(sequenceNumber: number, ...addresses: string[]): Uint8Array {
  const payload = encodeEndpointData({
    kind: "reader",
    guid: READER,
    topic: topic("made").topic,
    type: "test::A",
    unicast: [],
    qos: {
      reliability: "reliable",
      durability: "volatile",
      liveliness: "automatic",
      ownership: "shared",
      partitions: [],
      representations: [0],
    },
  });
  const locators = addresses.map((address) => {
    const parameter = Buffer.alloc(28);
    parameter.writeUInt16LE(PID_UNICAST_LOCATOR, 0);
    parameter.writeUInt16LE(24, 2);
    parameter.writeInt32LE(1, 4);
    parameter.writeUInt32LE(7411, 8);
    Buffer.from(address.split(".").map(Number)).copy(parameter, 24);
    return parameter;
  });
  const all = Buffer.concat([payload.subarray(0, 4), ...locators, payload.subarray(4)]);
  return data(SEDP_SUBSCRIPTIONS_WRITER, sequenceNumber, all);
}

describe("an announcement of a known participant", () => {
  function known(...own: string[]) {
    const network = new VirtualNetwork();
    const here: Participant = network.join();
    const heard = listening();
    const writer = here.createWriter(topic("made"), heard);
    here.receive(announcement(OLD), OLD);
    here.receive(readerData(1, ...own), OLD);
    network.until(() => heard.matches.length === 1, 10);
    network.run(2000);
    /** Where a sample goes that is written now. */
    const goesTo = () => {
      const destinations = new Set<string>();
      network.onSend = (datagram, to) => Buffer.from(datagram).includes("the sample") && destinations.add(to);
      writer.write(Buffer.from("the sample"));
      network.run(1);
      network.onSend = undefined;
      return [...destinations];
    };
    return { network, here, heard, goesTo };
  }

  test.each([
    ["without locators of its own", []],
    ["that repeats the participant's, as Fast DDS does", [OLD]],
  ])("moves an endpoint %s, which is not matched anew when it says the same", (_name, own) => {
    const { network, here, heard, goesTo } = known(...own);
    expect(goesTo()).toEqual([`${OLD}:7411`]);
    here.receive(announcement(NEW), NEW);
    expect(goesTo()).toEqual([`${NEW}:7411`]);
    here.receive(readerData(2, ...own.map(() => NEW)), NEW);
    expect(goesTo()).toEqual([`${NEW}:7411`]);
    network.run(100);
    expect(heard.matches).toEqual(["+1"]);
  });

  test("leaves an endpoint with locators of its own where it is", () => {
    const { here, goesTo } = known(OWN);
    here.receive(announcement(NEW), NEW);
    expect(goesTo()).toEqual([`${OWN}:7411`]);
  });

  test("leads to the one of several addresses that it came from", () => {
    const { here, goesTo } = known();
    here.receive(announcement(OWN, NEW), NEW);
    expect(goesTo()).toEqual([`${NEW}:7411`]);
  });

  test("without an address that can be used, or with the same ones, changes nothing", () => {
    const { here, goesTo } = known();
    for (const addresses of [[], [OLD]]) here.receive(announcement(...addresses), NEW);
    expect(goesTo()).toEqual([`${OLD}:7411`]);
  });

  test("is where it can be reached from then on if it could not before", () => {
    const network = new VirtualNetwork();
    const here = network.join();
    const heard = listening();
    here.createWriter(topic("made"), heard);
    here.receive(announcement(), OLD);
    here.receive(readerData(1), OLD);
    network.run(100);
    expect(heard.matches).toEqual([]);
    here.receive(announcement(NEW), NEW);
    here.receive(readerData(1), NEW);
    network.run(100);
    expect(heard.matches).toEqual(["+1"]);
  });
});
