/** What becomes of calls while the agent, the board or the caller goes: each is answered, or its loss is told. */
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { ServiceClient } from "../../cli/service-client.js";
import type { RtpsNetwork } from "../../host-agent/src/rtps/network.js";
import { CONSOLE_BOARDS } from "./boards.js";
import { endAll, type RunningProcess } from "./process.js";
import { createClient, Rig } from "./rig.js";

const START_LIMIT_MS = 20_000;
const IN_FLIGHT = 8;
/** Beyond what any of the outages here may cost a call that is not lost. */
const PATIENCE_MS = 8_000;
const TYPE = "example_interfaces/srv/AddTwoInts";

describe.each(CONSOLE_BOARDS)("calls in flight: $target, $engine", (kind) => {
  let rig: Rig;
  let network: RtpsNetwork;
  let client: ServiceClient;
  beforeAll(async () => {
    rig = await Rig.build("test/system/apps/late", kind);
    rig.connectDirectly();
    network = await rig.openNetwork();
    client = createClient(network, "/add_two_ints", TYPE);
    return async () => {
      client.close();
      await network.close();
      rig.remove();
    };
  });
  afterEach(endAll);

  async function start(): Promise<{ agent: RunningProcess; board: RunningProcess }> {
    const agent = rig.startAgent();
    await agent.waitFor(/listening/, START_LIMIT_MS);
    const board = rig.startBoard();
    await agent.waitFor(/service created/, START_LIMIT_MS);
    await client.waitForService(START_LIMIT_MS);
    await expect.poll(() => add(0, 1, 500).catch(() => undefined), { timeout: START_LIMIT_MS }).toBe(1n);
    return { agent, board };
  }

  const add = async (a: number, b: number, ms = PATIENCE_MS): Promise<bigint> =>
    ((await client.call({ a: BigInt(a), b: BigInt(b) }, ms)) as { sum: bigint }).sum;

  /** Calls without a pause, several at a time, while `outage` lasts. -> how many were not answered */
  async function lostDuring(outage: () => Promise<void>): Promise<number> {
    let on = true;
    let lost = 0;
    const caller = async () => {
      for (let i = 0; on; i++) {
        // A call while there is no service goes to nobody: that is for the caller to know.
        await client.waitForService(START_LIMIT_MS);
        const sum = await add(0, i).catch(() => undefined);
        if (sum === undefined) lost++;
        else expect(sum).toBe(BigInt(i));
      }
    };
    const callers = Array.from({ length: IN_FLIGHT }, caller);
    await pause(200);
    await outage();
    on = false;
    await Promise.all(callers);
    return lost;
  }

  async function standStill(process_: RunningProcess, ms: number): Promise<void> {
    process.kill(process_.pid, "SIGSTOP");
    await pause(ms);
    process.kill(process_.pid, "SIGCONT");
    await pause(100);
  }

  const told = (agent: RunningProcess): number =>
    agent.lines.reduce((sum, line) => sum + Number(/request dropped.* count=(\d+)/.exec(line)?.[1] ?? 0), 0);

  it("are all answered when the agent stands still for 2.5 s, as on a loaded machine", async () => {
    const { agent, board } = await start();
    expect(await lostDuring(() => standStill(agent, 2500))).toBe(0);
    expect(board.lines.filter((line) => line.includes("lost"))).toEqual([]);
  });

  it("are all answered when the board stands still for 1 s", async () => {
    const { board } = await start();
    expect(await lostDuring(() => standStill(board, 1000))).toBe(0);
  });

  it.each([
    ["agent", 5000],
    ["board", 3000],
  ] as const)(
    "are answered or told when the %s stands still for %i ms, which ends the session",
    async (who, ms) => {
      const { agent, board } = await start();
      const lost = await lostDuring(() => standStill(who === "agent" ? agent : board, ms));
      await board.waitFor(/connection to the agent lost/);
      expect(lost).toBeLessThanOrEqual(told(agent));
      expect(await add(0, 7, 2000)).toBe(7n);
    },
  );

  it("are answered by the next agent when this one is killed", async () => {
    const { agent } = await start();
    const answer = add(1500, 1);
    await pause(300);
    await agent.kill("SIGKILL");
    rig.startAgent();
    expect(await answer).toBe(1501n);
  });

  it("are told when the caller goes before its answer, and the others are answered", async () => {
    const { agent } = await start();
    const other = await rig.openNetwork();
    const gone = createClient(other, "/add_two_ints", TYPE);
    await gone.waitForService(START_LIMIT_MS);
    const answer = gone.call({ a: 1000n, b: 1n }, PATIENCE_MS).catch(() => undefined);
    await pause(300);
    gone.close();
    await other.close();
    expect(await add(0, 2)).toBe(2n);
    await agent.waitFor(/reply dropped.*its client has gone/);
    void answer;
  });
});
