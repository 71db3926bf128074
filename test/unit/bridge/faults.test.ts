/** What goes wrong for a device is told in the agent's log and on /rosout of its node, once, with the remedy. */
import { beforeEach, describe, expect, test } from "vitest";
import { encodeLog } from "../../../host-agent/src/bridge/rosout.js";
import { CdrReader } from "../../../host-agent/src/cdr/reader.js";
import { OBJECTID_CLIENT } from "../../../host-agent/src/xrce/message/object-id.js";
import {
  createPubSub,
  endpoint,
  group,
  ID,
  participant,
  read,
  request,
  service,
  topic,
  write,
} from "../xrce/support/entities.js";
import { type Harness, settle, startHarness } from "../xrce/support/harness.js";
import { TestClient } from "../xrce/support/test-client.js";

let harness: Harness;
let client: TestClient;
beforeEach(async () => {
  harness = await startHarness();
  client = new TestClient(harness);
  await client.connect();
});

const guid = (fill: number): Uint8Array => new Uint8Array(16).fill(fill);
const LOG = "rcl_interfaces::msg::dds_::Log_";
const hash = (octet: string): string => `RIHS01_${octet.repeat(32)}`;

/** `level logger: message` of each line that the agent wrote to /rosout. */
function rosout(): string[] {
  const { writers } = harness.network();
  return writers
    .filter(({ description }) => description.topic === "rt/rosout")
    .flatMap(({ written }) => written)
    .map(({ payload }) => {
      const reader = new CdrReader(payload);
      reader.i32();
      reader.u32();
      return `${reader.u8()} ${reader.string(4096)}: ${reader.string(4096)}`;
    });
}

const refuse = (topicName: string, reason: string | undefined) =>
  harness
    .network()
    .reader(topicName)
    .listener.onIncompatible?.({ guid: guid(1) }, reason);
const warnings = () => harness.lines.filter((line) => /^(warn|error) /.test(line));
const isMismatch = (line: string): boolean => line.includes("does not match");
const MISMATCH =
  "30 talker: remote endpoint does not match: /chatter: RELIABILITY does not match. Give both ends the same type, and the writer a QoS that offers what the reader requests.";

describe("/rosout", () => {
  test("has the sentence once, by a writer of the agent's after a second if the device has none", async () => {
    await createPubSub(client);
    refuse("rt/chatter", "RELIABILITY does not match.");
    refuse("rt/chatter", undefined);
    refuse("rt/chatter", "RELIABILITY does not match.");
    harness.clock.advance(999);
    expect(rosout()).toEqual([]);
    harness.clock.advance(1);
    expect(rosout().filter(isMismatch)).toEqual([MISMATCH]);
    expect(harness.network().writer("rt/rosout").description.qos).toEqual({
      reliability: "reliable",
      durability: "transient_local",
      history: { kind: "keep_last", depth: 1000 },
      lifespan: 10_000_000_000n,
    });
  });

  test("has it by the device's own writer, also if that comes a little later", async () => {
    await createPubSub(client);
    refuse("rt/chatter", "RELIABILITY does not match.");
    harness.clock.advance(500);
    const own = { ...endpoint(client, ID.writer, 3, 1), objectId: 0x0025 };
    await request(client, topic(client, "rt/rosout", LOG), own);
    harness.clock.advance(5_000);
    expect(rosout().filter(isMismatch)).toEqual([MISMATCH]);
    refuse("rt/chatter", "DEADLINE does not match.");
    expect(rosout().filter(isMismatch)).toHaveLength(2);
    expect(
      harness.network().writers.filter(({ description }) => description.topic === "rt/rosout"),
    ).toHaveLength(1);
  });

  test("has what was said of a node that went before it was out, by a hidden node of the agent's for 10 s", async () => {
    await createPubSub(client);
    refuse("rt/chatter", "RELIABILITY does not match.");
    harness.clock.advance(500);
    client.sendControl({ kind: "delete", requestId: 2, objectId: OBJECTID_CLIENT });
    await settle();
    expect(harness.network().nodes).toEqual(["/_rosehip_agent"]);
    expect(rosout().filter(isMismatch)).toEqual([MISMATCH]);
    harness.clock.advance(9_999);
    expect(harness.network().nodes).toEqual(["/_rosehip_agent"]);
    harness.clock.advance(1);
    expect(harness.network().nodes).toEqual([]);
  });

  test("has what is said as a node goes, though the node's own writer is still there", async () => {
    await request(client, participant(client, "n"), topic(client, "rt/rosout", LOG));
    await request(client, group(client, ID.publisher), endpoint(client, ID.writer, 3, 1));
    await request(client, service(client, ID.replier));
    read(client, ID.replier);
    const { writer, reader } = {
      writer: harness.network().writer("rr/add_two_intsReply"),
      reader: harness.network().reader("rq/add_two_intsRequest"),
    };
    for (const end of [writer, reader]) harness.network().meet(end, guid(3));
    harness.network().deliver(reader, {
      payload: Uint8Array.of(1),
      littleEndian: true,
      writer: { guid: guid(3), sequenceNumber: 1n },
    });
    client.sendControl({ kind: "delete", requestId: 2, objectId: OBJECTID_CLIENT });
    await settle();
    expect(rosout()).toEqual([
      expect.stringMatching(/^30 n: request dropped: 1 of add_two_ints: the device's session ended/),
    ]);
  });

  test("names the logger as rcl does", async () => {
    await request(client, participant(client, "/robot1/left/arm"), topic(client, "rt/a", "T"));
    await request(client, endpoint(client, ID.writer, 3, 1), group(client, ID.publisher));
    await request(client, { ...endpoint(client, ID.writer, 3, 1), parentId: ID.topic });
    harness.clock.advance(1_000);
    expect(rosout()).toEqual([
      expect.stringMatching(/^30 robot1\.left\.arm: CREATE failed: .*parent object/),
    ]);
  });

  test("a line is what rclpy serializes", () => {
    // rclpy.serialization.serialize_message of Jazzy, without encapsulation; padding octets zeroed.
    expect(Buffer.from(encodeLog(5_000_000_006n, 30, "robot1.arm", "watch out")).toString("hex")).toBe(
      "05000000060000001e0000000b000000726f626f74312e61726d00000a0000007761746368206f75740000000100000000000000010000000000000000000000",
    );
  });
});

describe("a refused entity", () => {
  test.each([
    [[{ name: "rosehip", value: "1" }], 1],
    [[], 0],
  ])(
    "is told by the agent, and the STATUS to a client with properties %j says so: %i",
    async (properties, told) => {
      client = new TestClient(harness, { key: 0x77, peerKey: "memory:77", properties });
      await client.connect();
      await request(client, participant(client, "n"), topic(client, "rt/a", "T"));
      await request(client, { ...endpoint(client, ID.writer, 3, 1), parentId: ID.topic });
      expect(client.all("status").at(-1)).toMatchObject({ status: 0x84, implementationStatus: told });
      harness.clock.advance(1_000);
      expect(rosout()).toEqual([expect.stringMatching(/^30 n: CREATE failed: /)]);
    },
  );
});

describe("told with the remedy", () => {
  test("another definition of a type", async () => {
    await request(
      client,
      participant(client, "n"),
      service(client, ID.replier, [new Uint8Array(32).fill(0x11), new Uint8Array(32).fill(0x22)]),
    );
    const { listener } = harness.network().reader("rq/add_two_intsRequest");
    listener.onMatch?.({ guid: guid(1), typeHash: hash("11") }, true, 1);
    listener.onMatch?.({ guid: guid(2) }, true, 2);
    expect(warnings()).toEqual([]);
    listener.onMatch?.({ guid: guid(3), typeHash: hash("33") }, true, 3);
    listener.onMatch?.({ guid: guid(3), typeHash: hash("33") }, false, 2);
    expect(warnings()).toHaveLength(1);
    expect(warnings()[0]).toContain(`ours=${hash("11")} theirs=${hash("33")} remedy=Build both ends`);
  });

  test("a type hash that nobody knows, of ROS 2 types only, once", async () => {
    await createPubSub(client);
    await createPubSub(client);
    expect(warnings()).toEqual([
      expect.stringMatching(
        /^warn type hash is unknown node=\/talker topic=rt\/chatter type=std_msgs::msg::dds_::String_ remedy=/,
      ),
    ]);
    await request(client, topic(client, "Square", "ShapeType"), endpoint(client, ID.writer, 3, 1));
    expect(warnings()).toHaveLength(1);
  });

  test("a sample that can never be received", async () => {
    await createPubSub(client);
    harness.network().reader("rt/chatter").listener.onLost?.("A sample of 99 octets is too large.");
    expect(warnings().at(-1)).toMatch(
      /^error sample cannot be received .*reason=A sample of 99 octets.* remedy=/,
    );
  });

  test("an entity that could not be made, with the node it was for", async () => {
    await request(client, participant(client, "n"), topic(client, "rt/a", "T"), group(client, ID.publisher));
    await request(client, { ...endpoint(client, ID.writer, 3, 1), parentId: ID.participant });
    expect(harness.events.at(-1)).toMatchObject({ type: "request_failed", status: 0x84, node: "/n" });
    await request(client, participant(client, "not a name"));
    expect(warnings().at(-1)).toContain("remedy=Name the participant as the node");
  });

  test("a write to nothing", async () => {
    await createPubSub(client);
    write(client, 0x0775, Uint8Array.of(1));
    await settle();
    expect(warnings().at(-1)).toMatch(
      /^warn WRITE_DATA failed .*reason=there is no such object remedy=Create its parent/,
    );
  });

  test("two devices with one client key: on /rosout of the node that has it", async () => {
    await createPubSub(client);
    const other = new TestClient(harness, { peerKey: "elsewhere" });
    for (const one of [other, client, other]) {
      await one.connect();
      await request(one, participant(one, "talker", { reuse: true }));
    }
    harness.clock.advance(2_000);
    expect(rosout()).toContainEqual(
      expect.stringContaining("40 talker: two devices use the same client key"),
    );
  });

  test("a node that is alone in another domain than the agent's, after 10 s", async () => {
    await request(client, participant(client, "n", {}, 5));
    harness.clock.advance(9_999);
    expect(warnings()).toEqual([]);
    harness.clock.advance(1);
    expect(warnings()).toEqual([
      "warn node is alone in its domain client=11223344 node=/n domain=5 agent=0 remedy=Start the other nodes with ROS_DOMAIN_ID=5, or build the device for domain 0.",
    ]);
  });

  test("but not one that met somebody, or is in the agent's domain", async () => {
    const other = new TestClient(harness, { key: 5, peerKey: "other" });
    await other.connect();
    await request(other, participant(other, "m"));
    await request(client, participant(client, "n", {}, 5), service(client, ID.replier));
    const network = harness.network(5);
    network.meet(network.reader("rq/add_two_intsRequest"), guid(1));
    harness.clock.advance(60_000);
    expect(harness.events.filter(({ type }) => type === "alone_in_domain")).toEqual([]);
  });
});
