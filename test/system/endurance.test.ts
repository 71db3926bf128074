import { setTimeout } from "node:timers/promises";
import { afterAll, expect, it } from "vitest";
import type { ServiceClient } from "../../cli/service-client.js";
import { endAll, type RunningProcess } from "./process.js";
import { createClient, Rig } from "./rig.js";

const CALLS = 100_000;
/** After these, what is kept for good is there: tasks, the sizes of queues and tables, compiled code. */
const WARM_UP = 10_000;
/** Below the depth of 10 that services keep by default, so that no request replaces another. */
const IN_FLIGHT = 8;
const MEMORY = 16_384;
/** How long what is under way (acknowledgements, timers) may take to come to rest. */
const REST = { timeout: 20_000, interval: 100 };

afterAll(() => endAll());

/** Octets used of the memory that the firmware and the app have, the app's linear memory included. */
async function arenaUsed(board: RunningProcess): Promise<number> {
  return Number((await board.ask("SIGUSR1", /^arena: (\d+) of/))[1]);
}

/** The best of ten readings: what looks like a reference on the app's stack keeps some garbage for a while. */
async function measureApp(client: ServiceClient): Promise<{ free: number; calls: number }> {
  const best = { free: 0, calls: 0 };
  for (let i = 0; i < 10; i++) {
    const { message } = (await client.call({}, 20_000)) as { message: string };
    const [free = 0, calls = 0] = message.split(" ").map(Number);
    best.free = Math.max(best.free, free);
    best.calls = calls;
  }
  return best;
}

it(`answers ${CALLS} calls that allocate in ${MEMORY} octets, and nothing drifts`, {
  timeout: 300_000,
}, async () => {
  const rig = await Rig.build("test/system/apps/endurance");
  rig.connectDirectly();
  const board = rig.startBoard("--memory", String(MEMORY));
  rig.startAgent();
  const network = await rig.openNetwork();
  const client = createClient(network, "/add_two_ints", "example_interfaces/srv/AddTwoInts");
  const meter = createClient(network, "/measure", "std_srvs/srv/Trigger");
  await Promise.all([client.waitForService(20_000), meter.waitForService(20_000)]);
  let next = 0;
  let wrong = 0;
  const caller = async (end: number): Promise<void> => {
    while (next < end) {
      const i = next++;
      const { sum } = (await client.call({ a: BigInt(i), b: 1n }, 20_000)) as { sum: bigint };
      if (sum !== BigInt(i) + 1n) wrong++;
    }
  };
  const call = (end: number) => Promise.all(Array.from({ length: IN_FLIGHT }, () => caller(end)));

  await call(WARM_UP);
  const app = await measureApp(meter);
  await setTimeout(1000);
  const arena = await arenaUsed(board);
  expect(app.calls).toBe(WARM_UP);
  await call(CALLS);
  expect(wrong).toBe(0);
  expect(await measureApp(meter)).toEqual({ free: app.free, calls: CALLS });
  await expect.poll(() => arenaUsed(board), REST).toBe(arena);
  console.info(
    `at ${WARM_UP} and ${CALLS} calls: ${app.free} octets free in the app, ${arena} used of the arena`,
  );
  expect(board.lines.filter((line) => /ERROR|WARN/.test(line))).toEqual([]);
  client.close();
  meter.close();
  await network.close();
  await endAll();
  rig.remove();
});
