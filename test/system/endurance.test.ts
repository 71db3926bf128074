import { setTimeout } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import type { ServiceClient } from "../../cli/service-client.js";
import { ENGINES, type Engine } from "../../toolchain/firmware/target.js";
import { LEAKING, liveData, MEASURED } from "./live-data.js";
import { endAll, type RunningProcess } from "./process.js";
import { createClient, Rig, timeUntil } from "./rig.js";

const CALLS = 100_000;
/** After these, what is kept for good is there: tasks, the sizes of queues and tables, compiled code. */
const WARM_UP = 10_000;
/** Below the depth of 10 that services keep by default, so that no request replaces another. */
const IN_FLIGHT = 8;
const MEMORY = 16_384;
/** How long what is under way (acknowledgements, timers) may take to come to rest. */
const REST = { timeout: 20_000, interval: 100 };

/** The agent keeps what was said on /rosout for 10 s. */
const ROSOUT_LIFESPAN_MS = 11_000;
/**
 * What the agent may have more of at the end: buffers, timers and what the graph's other participants say come and go. One
 * value kept for each 100 calls would be 900 more.
 */
const VALUES_NOISE = 300;
const OCTETS_NOISE = 40_000;

let rig: Rig;
afterEach(async (context) => {
  await endAll(context);
  rig.remove();
});

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

/** A caller of the app, and what it measures of itself. */
async function start(engine: Engine, ...agentOptions: string[]) {
  rig = await Rig.build("test/system/apps/endurance", { engine });
  rig.connectDirectly();
  const board = rig.startBoard("--memory", String(MEMORY));
  const agent = rig.startAgentWith([...MEASURED, ...agentOptions]);
  const started = performance.now();
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
  /** Calls until there have been `end` of them. @returns how many answers were wrong */
  const call = async (end: number) => {
    await Promise.all(Array.from({ length: IN_FLIGHT }, () => caller(end)));
    return wrong;
  };
  /** What is alive in the agent; a board whose patience did not last for the measuring has connected again. */
  const measureAgent = async () => {
    const live = await liveData(agent);
    await timeUntil((ms) => meter.call({}, ms), 20_000, 1000);
    return live;
  };
  const rest = () => setTimeout(Math.max(1000, ROSOUT_LIFESPAN_MS - (performance.now() - started)));
  const close = async () => {
    client.close();
    meter.close();
    await network.close();
  };
  return { board, meter, call, measureAgent, rest, close };
}

it.each(ENGINES)(
  `%s answers ${CALLS} calls that allocate in ${MEMORY} octets, and nothing drifts`,
  {
    timeout: 300_000,
  },
  async (engine) => {
    const { board, meter, call, measureAgent, rest, close } = await start(engine);
    await call(WARM_UP);
    const app = await measureApp(meter);
    await rest();
    const arena = await arenaUsed(board);
    const live = await measureAgent();
    expect(app.calls).toBe(WARM_UP);
    expect(await call(CALLS)).toBe(0);
    expect(await measureApp(meter)).toEqual({ free: app.free, calls: CALLS });
    await expect.poll(() => arenaUsed(board), REST).toBe(arena);
    const after = await measureAgent();
    console.info(
      `${engine}, at ${WARM_UP} and ${CALLS} calls: ${app.free} octets free in the app, ${arena} used of the arena; ` +
        `in the agent ${live.values} values of ${live.octets} octets, then ${after.values} of ${after.octets}`,
    );
    expect(after.values - live.values).toBeLessThan(VALUES_NOISE);
    expect(after.octets - live.octets).toBeLessThan(OCTETS_NOISE);
    const complaints = board.lines.filter((line) => /ERROR|WARN/.test(line));
    expect(complaints.filter((line) => !line.includes("connection to the agent lost"))).toEqual([]);
    await close();
  },
);

it("would show one object kept in the agent for each packet", { timeout: 120_000 }, async () => {
  const { call, measureAgent, rest, close } = await start("wasm3", ...LEAKING);
  await call(WARM_UP / 5);
  await rest();
  const live = await measureAgent();
  await call(WARM_UP);
  expect((await measureAgent()).values - live.values).toBeGreaterThan(3 * VALUES_NOISE);
  await close();
});
