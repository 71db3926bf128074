/** A CREATE that waits for its participant's network, and what becomes of it when its session does not wait. */
import { beforeEach, expect, test } from "vitest";
import { OBJECTID_CLIENT } from "../../../host-agent/src/xrce/message/object-id.js";
import { participant, request } from "./support/entities.js";
import { FakeNetwork } from "./support/fake-network.js";
import { type Harness, settle, startHarness } from "./support/harness.js";
import { TestClient } from "./support/test-client.js";

let network: FakeNetwork;
let harness: Harness;
let client: TestClient;
/** The network has been opened, at last. */
let open: () => Promise<void>;

beforeEach(async () => {
  network = new FakeNetwork(0);
  let resolve: (network: FakeNetwork) => void = () => {};
  const opening = new Promise<FakeNetwork>((done) => {
    resolve = done;
  });
  harness = await startHarness({ openNetwork: () => opening });
  client = new TestClient(harness);
  open = async () => {
    resolve(network);
    await settle();
  };
  await client.connect();
});

const end = () => client.sendControl({ kind: "delete", requestId: 2, objectId: OBJECTID_CLIENT });

test("a session that has ended is sent nothing any more, and leaves neither node nor timer", async () => {
  client.send(participant(client, "node_a"));
  await settle();
  end();
  const before = client.heard.length;
  await open();
  harness.clock.advance(60_000);
  await settle();
  expect(client.heard.slice(before)).toEqual([]);
  expect(network.nodes).toEqual([]);
  expect(harness.clock.pending).toBe(0);
  expect(harness.events.map(({ type }) => type)).not.toContain("object_created");
});

test("a session that has begun anew gets the answers to its own requests only", async () => {
  const old = participant(client, "node_a");
  client.send(old);
  await settle();
  end();
  await client.connect();
  const again = participant(client, "node_a");
  client.send(again);
  await open();
  expect(client.received).toMatchObject([{ kind: "status", requestId: again.requestId, status: 0 }]);
  expect(network.nodes).toEqual(["/node_a"]);
});

test("a session that goes on with new streams makes the node it asked for before once", async () => {
  client.send(participant(client, "node_a"));
  await settle();
  await client.connect();
  const again = participant(client, "node_a", { reuse: true, replace: true });
  client.send(again);
  await open();
  expect(client.received).toMatchObject([{ kind: "status", requestId: again.requestId, status: 1 }]);
  expect(network.nodes).toEqual(["/node_a"]);
  end();
  await settle();
  expect(network.nodes).toEqual([]);
});

test("a client that describes its node otherwise meanwhile has it as it said last", async () => {
  client.send(participant(client, "node_a"));
  await settle();
  await client.connect();
  client.send(participant(client, "node_b"));
  await open();
  expect(network.nodes).toEqual(["/node_b"]);
  expect(await request(client, participant(client, "node_b", { reuse: true, replace: false }))).toEqual([1]);
});
