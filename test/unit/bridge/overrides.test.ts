/** Names and parameters that the agent's user gives devices. */
import { describe, expect, test } from "vitest";
import { parseRemap } from "../../../cli/agent-names.js";
import { parseParameter } from "../../../cli/agent-parameters.js";
import { encodeParameterEvent } from "../../../host-agent/src/ros2/parameters.js";
import { endpoint, group, ID, participant, read, request, service, topic } from "../xrce/support/entities.js";
import { type Harness, startHarness } from "../xrce/support/harness.js";
import type { TestClient as Client } from "../xrce/support/test-client.js";
import { TestClient } from "../xrce/support/test-client.js";

const EVENT = "rcl_interfaces::msg::dds_::ParameterEvent_";

async function start(
  remap: readonly string[],
  param: readonly string[] = [],
  peerKey = "serial:/dev/ttyUSB0#1",
) {
  const overrides = { remap: remap.map(parseRemap), parameters: param.map(parseParameter) };
  const harness = await startHarness({ overrides });
  const client = new TestClient(harness, { peerKey });
  await client.connect();
  return { harness, client };
}

const names = (harness: Harness) => {
  const { nodes, readers, writers } = harness.network();
  return [...nodes, ...[...readers, ...writers].map(({ description }) => description.topic)];
};

async function createAll(client: Client): Promise<void> {
  await request(
    client,
    participant(client, "arm"),
    topic(client, "rt/chatter", "T"),
    group(client, ID.publisher),
    endpoint(client, ID.writer, 3, 1),
    service(client, ID.replier),
  );
}

describe("remapping", () => {
  test("renames node, namespace, topics and both topics of a service when they are created", async () => {
    const { harness, client } = await start([
      "__ns:=/robot1",
      "__node:=left",
      "chatter:=/talk",
      "add_two_ints:=sum",
    ]);
    await createAll(client);
    expect(names(harness)).toEqual(["/robot1/left", "rq/robot1/sumRequest", "rt/talk", "rr/robot1/sumReply"]);
    expect(harness.lines).toContainEqual(expect.stringContaining("node=/robot1/left"));
  });

  test.each([
    ["11223344:__node:=left", "/left"],
    ["11223345:__node:=left", "/arm"],
    ["/dev/ttyUSB0:__node:=left", "/left"],
    ["/dev/ttyUSB:__node:=left", "/left"],
    ["/dev/ttyUSB1:__node:=left", "/arm"],
  ])("%s is for the device that it names", async (rule, expected) => {
    const { harness, client } = await start([rule]);
    await request(client, participant(client, "arm"));
    expect(harness.network().nodes).toEqual([expected]);
  });

  test("leaves what is no ROS 2 name, and a board's log, as they are", async () => {
    const { harness, client } = await start(["__ns:=/robot1"]);
    await request(
      client,
      participant(client, "arm"),
      topic(client, "Square", "ShapeType"),
      group(client, ID.publisher),
      endpoint(client, ID.writer, 3, 1),
      topic(client, "rt/rosout", "rcl_interfaces::msg::dds_::Log_"),
      { ...endpoint(client, ID.writer, 3, 1), objectId: 0x0025 },
    );
    expect(names(harness)).toEqual(["/robot1/arm", "Square", "rt/rosout"]);
  });
});

describe("parameter overrides", () => {
  async function createReader(client: Client, name = "rt/rosehip/parameter_overrides"): Promise<void> {
    await request(
      client,
      participant(client, "arm"),
      topic(client, name, EVENT),
      group(client, ID.subscriber),
      endpoint(client, ID.reader, 3, 1),
    );
  }
  const events = (client: Client) =>
    client.all("data").map(({ payload }) => Buffer.from(payload).toString("hex"));
  const expected = (harness: Harness, node: string, name: string) => {
    const wallNs = harness.clock.wallNs();
    const value = new Map([[name, { kind: "integer", value: 1n } as const]]);
    return Buffer.from(encodeParameterEvent(node, wallNs, value)).toString("hex");
  };

  test("reach the device once for each READ_DATA, under the node's last name, and no network", async () => {
    const { harness, client } = await start(["__node:=left"], ["left:speed:=1", "arm:other:=2"]);
    await createReader(client);
    expect(events(client)).toEqual([]);
    read(client, ID.reader);
    read(client, ID.reader);
    const event = expected(harness, "/left", "speed");
    expect(events(client)).toEqual([event, event]);
    expect(harness.network().readers).toEqual([]);
  });

  test("are not sent if there are none for the node or the device", async () => {
    const { client } = await start([], ["leg:speed:=1", "0BADCAFE:speed:=1"]);
    await createReader(client);
    read(client, ID.reader);
    expect(events(client)).toEqual([]);
  });

  test("come once there is room, and not after the reader is gone", async () => {
    const { harness, client } = await start([], ["speed:=1"]);
    await createReader(client, "rt/ns/rosehip/parameter_overrides");
    read(client, ID.reader, 0x80, {
      maxSamples: 0,
      maxElapsedSeconds: 0,
      maxBytesPerSecond: 0,
      minPaceMs: 0,
    });
    expect(events(client)).toEqual([]);
    read(client, ID.reader);
    expect(events(client)).toEqual([expected(harness, "/arm", "speed")]);
  });

  test("a topic of another type with that name is an ordinary one", async () => {
    const { harness, client } = await start([], ["speed:=1"]);
    await request(
      client,
      participant(client, "arm"),
      topic(client, "rt/rosehip/parameter_overrides", "T"),
      group(client, ID.subscriber),
      endpoint(client, ID.reader, 3, 1),
    );
    expect(harness.network().readers).toHaveLength(1);
  });
});
