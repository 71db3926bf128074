import { afterAll, expect, it } from "vitest";
import { endAll } from "./process.js";
import { createClient, Rig } from "./rig.js";

const CALLS = 100_000;
/** Below the depth of 10 that services keep by default, so that no request replaces another. */
const IN_FLIGHT = 8;
const MEMORY = 16_384;

afterAll(() => endAll());

it(`answers ${CALLS} calls that allocate in ${MEMORY} octets of memory`, { timeout: 300_000 }, async () => {
  const rig = await Rig.build("test/system/apps/endurance");
  rig.connectDirectly();
  const board = rig.startBoard("--memory", String(MEMORY));
  rig.startAgent();
  const network = await rig.openNetwork();
  const client = createClient(network, "/add_two_ints", "example_interfaces/srv/AddTwoInts");
  await client.waitForService(20_000);
  let next = 0;
  let wrong = 0;
  const caller = async (): Promise<void> => {
    for (let i = next++; i < CALLS; i = next++) {
      const { sum } = (await client.call({ a: BigInt(i), b: 1n }, 20_000)) as { sum: bigint };
      if (sum !== BigInt(i) + 1n) wrong++;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, caller));
  expect(wrong).toBe(0);
  await board.waitFor(new RegExp(`${CALLS} calls`));
  expect(board.lines.filter((line) => /ERROR|WARN/.test(line))).toEqual([]);
  client.close();
  await network.close();
  await endAll();
  rig.remove();
});
