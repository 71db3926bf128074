/** Match notifications: STATUS with request id 0 to clients that announce `rosehip` = `1`. */
import { beforeEach, describe, expect, test } from "vitest";
import { createPubSub, endpoint, ID, participant, request, service } from "./support/entities.js";
import { type Harness, settle, startHarness } from "./support/harness.js";
import { TestClient } from "./support/test-client.js";

let harness: Harness;
beforeEach(async () => {
  harness = await startHarness();
});

const guid = (fill: number): Uint8Array => new Uint8Array(16).fill(fill);
const PROPERTIES = [{ name: "rosehip", value: "1" }];

async function connect(properties?: typeof PROPERTIES): Promise<TestClient> {
  const client = new TestClient(harness, properties === undefined ? {} : { properties });
  await client.connect();
  return client;
}

/** `object status implementation_status` of each STATUS that answers no request, in order. */
const told = (client: TestClient): string[] =>
  client.received
    .filter((one) => one.kind === "status" && one.requestId === 0)
    .map((one) =>
      one.kind === "status"
        ? `${one.objectId.toString(16)} ${one.status.toString(16)} ${one.implementationStatus}`
        : "",
    );

async function meet(
  topic: string,
  side: "reader" | "writer",
  remote: Uint8Array,
  matched = true,
): Promise<void> {
  const network = harness.network();
  network.meet(network[side](topic), remote, matched);
  await settle();
}

async function refuse(
  topic: string,
  side: "reader" | "writer",
  remote: Uint8Array,
  reason?: string,
): Promise<void> {
  harness.network()[side](topic).listener.onIncompatible?.({ guid: remote }, reason);
  await settle();
}

describe("a client with the property rosehip = 1", () => {
  let client: TestClient;
  beforeEach(async () => {
    client = await connect(PROPERTIES);
  });

  test("is told of the writers and readers that come and go, after the STATUS of the CREATE", async () => {
    await createPubSub(client);
    expect(told(client)).toEqual(["15 1 1", "16 1 1"]);
    const kinds = client.received.map((one) => (one.kind === "status" ? one.requestId !== 0 : undefined));
    expect(kinds.indexOf(false)).toBe(kinds.lastIndexOf(true) + 1);
    await meet("rt/chatter", "writer", guid(1));
    await meet("rt/chatter", "writer", guid(1), false);
    await meet("rt/chatter", "reader", guid(2));
    expect(told(client).slice(2)).toEqual(["15 1 2", "15 1 1", "16 1 2"]);
  });

  test("is told the latest once if many come in one go, and at most 255", async () => {
    await createPubSub(client);
    const network = harness.network();
    for (let i = 0; i < 300; i++) network.meet(network.writer("rt/chatter"), guid(i));
    await settle();
    expect(told(client).slice(2)).toEqual(["15 1 255"]);
  });

  test("counts a server once, when both its endpoints have matched", async () => {
    await request(client, participant(client, "n"), service(client, ID.requester));
    await meet("rq/add_two_intsRequest", "writer", guid(1));
    await meet("rr/add_two_intsReply", "reader", guid(2));
    expect(told(client)).toEqual([]);
    await meet("rr/add_two_intsReply", "reader", guid(1));
    await meet("rq/add_two_intsRequest", "writer", guid(2));
    await meet("rq/add_two_intsRequest", "writer", guid(1), false);
    await meet("rr/add_two_intsReply", "reader", guid(2), false);
    expect(told(client)).toEqual(["17 1 1", "17 1 2", "17 1 1", "17 0 0"]);
  });

  test("counts the clients of its service likewise", async () => {
    await request(client, participant(client, "n"), service(client, ID.replier));
    await meet("rq/add_two_intsRequest", "reader", guid(1));
    await meet("rr/add_two_intsReply", "writer", guid(1));
    expect(told(client)).toEqual(["18 1 1"]);
  });

  test("is told MISMATCH while the only remote ends are incompatible", async () => {
    await request(client, participant(client, "n"), service(client, ID.replier));
    await refuse("rq/add_two_intsRequest", "reader", guid(1), "Type names differ");
    await meet("rq/add_two_intsRequest", "reader", guid(2));
    await meet("rr/add_two_intsReply", "writer", guid(2));
    await meet("rr/add_two_intsReply", "writer", guid(2), false);
    await refuse("rq/add_two_intsRequest", "reader", guid(1));
    expect(told(client)).toEqual(["18 81 0", "18 1 1", "18 81 0", "18 0 0"]);
  });

  test("is told again when it creates an object that is there already, and when it opens its session again", async () => {
    await createPubSub(client);
    await request(client, { ...endpoint(client, ID.writer, 3, 10), reuse: true });
    expect(told(client)).toEqual(["15 1 1", "16 1 1", "15 1 1"]);
    client.received.length = 0;
    await client.connect();
    expect(told(client)).toEqual(["15 1 1", "16 1 1"]);
  });

  test("is not told of an object that it deleted", async () => {
    await createPubSub(client);
    client.received.length = 0;
    client.send({ kind: "delete", requestId: client.newRequestId(), objectId: ID.writer });
    await settle();
    expect(told(client)).toEqual(["16 0 0"]);
  });

  test("loses none while it does not acknowledge: the latest of each object comes when it does", async () => {
    await createPubSub(client);
    const network = harness.network();
    const before = told(client).length;
    client.mute = true;
    for (let i = 0; i < 40; i++) {
      network.meet(network.writer("rt/chatter"), guid(i));
      network.meet(network.reader("rt/chatter"), guid(i));
      await settle();
    }
    client.mute = false;
    for (let i = 0; i < 20; i++) {
      harness.clock.advance(200);
      await settle();
    }
    const later = told(client).slice(before);
    expect(later.length).toBeLessThanOrEqual(18);
    expect([
      later.findLast((one) => one.startsWith("15")),
      later.findLast((one) => one.startsWith("16")),
    ]).toEqual(["15 1 41", "16 1 41"]);
  });
});

test.each([
  ["without properties", undefined],
  ["with another value", [{ name: "rosehip", value: "0" }]],
  ["of another make", [{ name: "uxr_hl", value: "003000" }]],
])("a client %s is told nothing", async (_name, properties) => {
  const client = await connect(properties);
  await createPubSub(client);
  await meet("rt/chatter", "writer", guid(1));
  expect(client.statuses().filter(({ requestId }) => requestId === 0)).toEqual([]);
});
