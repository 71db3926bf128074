import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { ServiceClient } from "../../cli/service-client.js";
import type { RtpsNetwork } from "../../host-agent/src/rtps/network.js";
import { BOARDS } from "./boards.js";
import { endAll } from "./process.js";
import { createClient, Rig, timeUntil } from "./rig.js";

/** What users of other stacks live with: after a restart of agent or board nothing answers until somebody presses reset. */
const WITHIN_MS = 2000;
/** A loaded machine starts Node slowly; that is not the reconnection's doing, so it is measured apart. */
const START_LIMIT_MS = 20_000;

describe.each(BOARDS)("reconnection: $target, $engine", (kind) => {
  const runs = kind.target === "native" && kind.engine === "wasm3" ? 5 : 2;
  let rig: Rig;
  let network: RtpsNetwork;
  let client: ServiceClient;
  beforeAll(async () => {
    rig = await Rig.build("examples/add_two_ints", kind);
    rig.connectDirectly();
    network = await rig.openNetwork();
    client = createClient(network, "/add_two_ints", "example_interfaces/srv/AddTwoInts");
    return async () => {
      client.close();
      await network.close();
      rig.remove();
    };
  });
  afterEach(endAll);

  const answers = async (limitMs: number) => {
    let sum = 0n;
    const ms = await timeUntil(async (each) => {
      await client.waitForService(each);
      ({ sum } = (await client.call({ a: 40n, b: 2n }, each)) as { sum: bigint });
    }, limitMs);
    expect(sum).toBe(42n);
    return ms;
  };

  it("the service answers within 2 s after the agent was killed and started again", async () => {
    const board = rig.startBoard();
    for (let run = 0; run < Math.min(runs, 3); run++) {
      const agent = rig.startAgent();
      await agent.waitFor(/listening/, START_LIMIT_MS);
      expect(await answers(START_LIMIT_MS)).toBeLessThan(WITHIN_MS);
      await agent.kill("SIGKILL");
      await expect(client.call({ a: 1n, b: 1n }, 200)).rejects.toThrow();
    }
    if (kind.target !== "device") expect(board.transcript()).toContain("connection to the agent lost");
  });

  // Nobody is there to press the reset button of a real board.
  it.skipIf(kind.target === "device")(
    "the service answers within 2 s after the firmware was killed and started again",
    async () => {
      const agent = rig.startAgent();
      await agent.waitFor(/listening/, START_LIMIT_MS);
      let board = rig.startBoard();
      await answers(START_LIMIT_MS);
      for (let run = 0; run < runs; run++) {
        await board.kill("SIGKILL");
        board = rig.startBoard();
        expect(await answers(START_LIMIT_MS)).toBeLessThan(WITHIN_MS);
      }
    },
  );
});
