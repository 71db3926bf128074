import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { ServiceClient } from "../../cli/service-client.js";
import type { RtpsNetwork } from "../../host-agent/src/rtps/network.js";
import { BOARDS } from "./boards.js";
import { endAll, type RunningProcess } from "./process.js";
import { createClient, type LineOptions, Rig, timeUntil } from "./rig.js";

describe.each(BOARDS)("a bad line: $target, $engine", (kind) => {
  const isReference = kind.target === "native" && kind.engine === "wasm3";
  let rig: Rig;
  let network: RtpsNetwork;
  let client: ServiceClient;
  let line: RunningProcess;
  const seed = Math.floor(Math.random() * 2 ** 31);

  beforeAll(async () => {
    rig = await Rig.build("test/system/apps/endurance", kind);
    return () => rig.remove();
  });
  afterEach(async (context) => {
    await network.close();
    await endAll(context);
  });

  const connect = async (options: LineOptions) => {
    const board = rig.startBoard();
    line = await rig.startLine({ ...options, seed });
    await rig.startAgent().waitFor(/listening/, 20_000);
    // A new participant: an old one would still believe in the agent that was killed, until its lease ends.
    network = await rig.openNetwork();
    client = createClient(network, "/add_two_ints", "example_interfaces/srv/AddTwoInts");
    await client.waitForService(20_000);
    return board;
  };
  const command = async (text: "cut" | "restore") => {
    const from = line.lines.length;
    line.write(`${text}\n`);
    await line.waitFor(/./, 5000, from);
  };

  const bad: [string, LineOptions][] = [
    ["5 % of the frames damaged", { damage: 0.05 }],
    ["5 % of the frames lost", { loss: 0.05 }],
    ["1 octet in 2,000 flipped", { noise: 0.0005 }],
    ["some of all, at 115200 baud", { damage: 0.02, loss: 0.02, noise: 0.0002, baud: 115_200 }],
  ];
  // What becomes of damage is decided in code that is the same on every board.
  it.each(isReference ? bad : bad.slice(-1))(`loses no call: %s (seed ${seed})`, async (_what, options) => {
    await connect(options);
    for (let i = 0; i < (isReference ? 200 : 50); i++) {
      expect(await client.call({ a: BigInt(i), b: -1n }, 10_000)).toEqual({ sum: BigInt(i) - 1n });
    }
  });

  it("a call made while the cable is out for a moment is answered once it is back", async () => {
    await connect({});
    await command("cut");
    const call = client.call({ a: 1n, b: 2n }, 10_000);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await command("restore");
    expect(await call).toEqual({ sum: 3n });
  });

  it("after a long cut the service answers within 2 s, with no restart of either side", async () => {
    await connect({});
    for (let run = 0; run < (isReference ? 2 : 1); run++) {
      await command("cut");
      await new Promise((resolve) => setTimeout(resolve, 4000));
      await command("restore");
      const ms = await timeUntil(async (each) => {
        await client.waitForService(each);
        await client.call({ a: 1n, b: 2n }, each);
      }, 20_000);
      expect(ms).toBeLessThan(2000);
    }
  });
});
