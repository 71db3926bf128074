/** A fault of the agent's own, or of what lies behind it: it costs the submessage that met it, and nothing else. */
import { expect, test } from "vitest";
import { createPubSub, ID, participant, request, write } from "./support/entities.js";
import { FakeNetwork } from "./support/fake-network.js";
import { settle, startHarness } from "./support/harness.js";
import { TestClient } from "./support/test-client.js";

test("in the midst of a message: what comes behind it is handled, and the message acknowledged", async () => {
  const harness = await startHarness();
  const client = new TestClient(harness);
  await client.connect();
  await createPubSub(client);
  const writer = harness.network().writer("rt/chatter");
  writer.close = () => {
    throw new TypeError("not a function");
  };
  const info = { kind: "get_info", requestId: 99, objectId: 0xfffd, mask: 1 } as const;
  client.send({ kind: "delete", requestId: 98, objectId: ID.writer }, info);
  await settle();
  expect(harness.events).toContainEqual(
    expect.objectContaining({ type: "internal_error", where: client.peer.key }),
  );
  expect(client.all("info").map(({ requestId }) => requestId)).toEqual([99]);
  expect(client.allAcknowledged).toBe(true);
  write(client, ID.writer, Uint8Array.of(1));
  await settle();
  expect(client.allAcknowledged).toBe(true);
});

test("in the answer to a CREATE that waited for its network", async () => {
  let resolve: (network: FakeNetwork) => void = () => {};
  const opening = new Promise<FakeNetwork>((done) => {
    resolve = done;
  });
  const seen: string[] = [];
  const harness = await startHarness({
    openNetwork: () => opening,
    onEvent: (event) => {
      seen.push(event.type);
      if (event.type === "object_created" && event.objectId === ID.participant)
        throw new Error("of the user's");
    },
  });
  const client = new TestClient(harness);
  await client.connect();
  client.send(participant(client, "node_a"));
  resolve(new FakeNetwork(0));
  await settle();
  expect(seen).toContain("internal_error");
  expect(await request(client, participant(client, "node_a", { reuse: true }))).toEqual([1]);
  expect(client.allAcknowledged).toBe(true);
});
