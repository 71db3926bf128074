import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ServiceClient } from "../../cli/service-client.js";
import type { RtpsNetwork } from "../../host-agent/src/rtps/network.js";
import { BOARDS } from "./boards.js";
import { endAll, type RunningProcess } from "./process.js";
import { createClient, Rig } from "./rig.js";

const TRIGGER = "std_srvs/srv/Trigger";

interface TriggerResponse {
  readonly success: boolean;
  readonly message: string;
}

describe.each(BOARDS)(
  "faults of the app are reported and answered, and the next call works: $target, $engine",
  (kind) => {
    const hasConsole = kind.target !== "device";
    let rig: Rig;
    let network: RtpsNetwork;
    let add: ServiceClient;
    let board: RunningProcess;
    let agent: RunningProcess;
    beforeAll(async () => {
      rig = await Rig.build("test/system/apps/faults", { ...kind, sanitize: kind.target === "native" });
      rig.connectDirectly();
      board = rig.startBoard("--budget-ms", "500");
      agent = rig.startAgent();
      network = await rig.openNetwork();
      add = createClient(network, "/add_two_ints", "example_interfaces/srv/AddTwoInts");
      await add.waitForService(20_000);
    });
    afterAll(async () => {
      await network.close();
      await endAll();
      rig.remove();
    });

    const trigger = async (name: string): Promise<TriggerResponse> => {
      const client = createClient(network, `/${name}`, TRIGGER);
      try {
        await client.waitForService(10_000);
        return (await client.call({}, 10_000)) as unknown as TriggerResponse;
      } finally {
        client.close();
      }
    };

    it.each([
      ["trap", /Index out of range|out of bounds/i],
      ["loop_for_ever", /time|budget/i],
      ["eat_memory", /out of memory/i],
      ["recurse", /stack/i],
    ])("%s", async (service, reason) => {
      const from = { board: board.lines.length, agent: agent.lines.length };
      const response = await trigger(service);
      expect(response.success).toBe(false);
      expect(response.message).toMatch(reason);
      if (hasConsole) await board.waitFor(reason, 5000, from.board);
      await agent.waitFor(reason, 5000, from.agent);
      expect(await add.call({ a: 20n, b: 22n }, 5000)).toEqual({ sum: 42n });
    });

    it("calls that wait while another handler sleeps are answered first", async () => {
      const order: string[] = [];
      const slow = trigger("slow").then((response) => {
        order.push("slow");
        return response;
      });
      for (let i = 0; i < 5; i++) {
        await add.call({ a: 1n, b: BigInt(i) }, 5000);
        order.push("add");
      }
      expect(await slow).toEqual({ success: true, message: "slept" });
      expect(order.at(-1)).toBe("slow");
    });

    it("the board stays in the graph over all of this, with no restart of the firmware", () => {
      expect(agent.lines.filter((line) => /node created .*node=\/faults /.test(line))).toHaveLength(1);
    });
  },
);
