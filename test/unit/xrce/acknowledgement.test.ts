/** ACKNACKs to clients (DDS-XRCE 1.0, 8.4.13): one answer to the messages that came together. */
import { expect, test } from "vitest";
import { LIMITS } from "../../../host-agent/src/limits.js";
import { createPubSub, ID, write } from "./support/entities.js";
import { settle, startHarness } from "./support/harness.js";
import { TestClient, type TestClientOptions } from "./support/test-client.js";
import { VirtualClock } from "./support/virtual-clock.js";

test("datagrams one behind the other are acknowledged together, each once they are handled", async () => {
  const due: (() => void)[] = [];
  const clock = Object.assign(new VirtualClock(), { later: (callback: () => void) => due.push(callback) });
  const harness = await startHarness({ clock });
  const client = new TestClient(harness);
  await client.connect();
  await createPubSub(client);
  for (const run of due.splice(0)) run();
  const before = client.all("acknack").length;
  for (let i = 0; i < 10; i++) {
    write(client, ID.writer, Uint8Array.of(i));
    await settle();
  }
  expect([client.all("acknack").length - before, due.length, client.allAcknowledged]).toEqual([0, 1, false]);
  for (const run of due.splice(0)) run();
  expect([client.all("acknack").length - before, client.allAcknowledged]).toEqual([1, true]);
  write(client, ID.writer, Uint8Array.of(10));
  await harness.agent.close();
  for (const run of due) run();
  expect(harness.events.filter(({ type }) => type === "internal_error")).toEqual([]);
});

/** A client that has made its objects, and whose messages are all acknowledged. */
async function startOnLine(properties: TestClientOptions["properties"] = []) {
  const harness = await startHarness();
  harness.transport.isLine = true;
  const client = new TestClient(harness, { properties });
  await client.connect();
  await createPubSub(client);
  harness.clock.advance(LIMITS.acknackDelayMs);
  const acknowledged = client.all("acknack").length;
  const send = async () => {
    write(client, ID.writer, Uint8Array.of(0));
    await settle();
  };
  return { harness, client, send, acknacks: () => client.all("acknack").length - acknowledged };
}

const ROSEHIP = [{ name: "rosehip", value: "1" }];

test("on a line, one message of our firmware is acknowledged after a delay", async () => {
  const { harness, client, send, acknacks } = await startOnLine(ROSEHIP);
  await send();
  harness.clock.advance(LIMITS.acknackDelayMs - 1);
  expect([acknacks(), client.allAcknowledged]).toEqual([0, false]);
  harness.clock.advance(1);
  expect([acknacks(), client.allAcknowledged]).toEqual([1, true]);
  harness.clock.advance(10 * LIMITS.acknackDelayMs);
  expect(acknacks()).toBe(1);
});

test("on a line, every second message of our firmware is acknowledged without delay", async () => {
  const { harness, client, send, acknacks } = await startOnLine(ROSEHIP);
  for (let i = 0; i < 6; i++) await send();
  expect([acknacks(), client.allAcknowledged]).toEqual([3, true]);
  harness.clock.advance(10 * LIMITS.acknackDelayMs);
  expect(acknacks()).toBe(3);
});

test("a delayed ACKNACK goes with the agent", async () => {
  const { harness, send, acknacks } = await startOnLine(ROSEHIP);
  await send();
  await harness.agent.close();
  harness.clock.advance(LIMITS.acknackDelayMs);
  expect(acknacks()).toBe(0);
  expect(harness.events.filter(({ type }) => type === "internal_error")).toEqual([]);
});

test("on a line, another client's messages are acknowledged at once: its window may be one message", async () => {
  const { send, acknacks } = await startOnLine();
  await send();
  expect(acknacks()).toBe(1);
});
