/** ACKNACKs to clients (DDS-XRCE 1.0, 8.4.13): one answer to the messages that came together. */
import { expect, test } from "vitest";
import { createPubSub, ID, write } from "./support/entities.js";
import { settle, startHarness } from "./support/harness.js";
import { TestClient } from "./support/test-client.js";
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
