import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { projectFile } from "../../toolchain/project.js";
import { freeUdpPort, startUdpAgent } from "../system/agent.js";
import { endAll, RunningProcess } from "../system/process.js";
import { Rig } from "../system/rig.js";
import { cycloneEnvironment, cycloneVenv } from "./cyclone.js";
import { startRclpy } from "./rclpy.js";

/** action_msgs/GoalStatus. */
const SUCCEEDED = 4;
/** Goals of another order for each caller, so that an answer to somebody else is seen to be one; 100 ms between steps. */
const JAZZY_ORDER = 42;
const KILTED_ORDER = 47;
/** The longest, so that Cyclone still listens when the others get their results. */
const CYCLONE_ORDERS = [61, 66];

/** What the app's actions answer with: see apps/action_server/app.ts. */
function fibonacci(order: number): number[] {
  const sequence = [0, 1];
  while (sequence.length <= order) {
    sequence.push(((sequence.at(-1) ?? 0) + (sequence.at(-2) ?? 0)) % 10_000);
  }
  return sequence;
}

/** A goal's feedback from its first to its last. */
const feedback = (order: number) => Array.from({ length: order - 1 }, (_, index) => fibonacci(index + 2));

const outcome = async (caller: RunningProcess): Promise<unknown> =>
  JSON.parse((await caller.waitFor(/^\{.*\}$/, 90_000))[0]);

describe("one device action", () => {
  let rig: Rig;
  let cyclone: string;
  beforeAll(async () => {
    cyclone = await cycloneVenv();
    rig = await Rig.build("test/interop/apps/action_server");
    return () => rig.remove();
  }, 600_000);
  afterEach(endAll);

  it("serves rclpy of both distros and Cyclone DDS at the same time, each in its own way", async () => {
    const port = await freeUdpPort();
    const agent = startUdpAgent(port, rig.domain);
    await agent.waitFor(/listening/);
    rig.startBoardAt("--udp", `127.0.0.1:${port}`);
    await agent.waitFor(/forgetful\/_action\/status/, 20_000);
    const script = projectFile("test/interop/nodes/cyclone_fibonacci.py");
    const cyclonePeer = new RunningProcess(
      "cyclone",
      `${cyclone}/bin/python`,
      [script, "steady", ...CYCLONE_ORDERS.map(String)],
      cycloneEnvironment(rig.domain),
    );
    await cyclonePeer.waitFor(/^ready/, 60_000);
    // Cyclone's goals begin when it hears of one of rclpy's.
    const rclpy = await Promise.all([
      startRclpy("jazzy", rig.domain, "action_load.py", "steady", "2", `${JAZZY_ORDER}`),
      startRclpy("kilted", rig.domain, "action_load.py", "steady", "2", `${KILTED_ORDER}`),
    ]);

    const [jazzy, kilted, ofCyclone] = await Promise.all([...rclpy, cyclonePeer].map(outcome));
    const bothSucceed = (order: number) => ({
      statuses: [SUCCEEDED, SUCCEEDED],
      sequence: fibonacci(order),
      wrong: [],
      received: 2 * (order - 1),
    });
    expect(jazzy).toMatchObject(bothSucceed(JAZZY_ORDER));
    expect(kilted).toMatchObject(bothSucceed(KILTED_ORDER));
    expect(ofCyclone).toMatchObject({
      accepted: [true, true],
      statuses: [SUCCEEDED, SUCCEEDED],
      sequences: CYCLONE_ORDERS.map(fibonacci),
      feedback: CYCLONE_ORDERS.map(feedback),
      strange: 0,
    });
    expect((ofCyclone as { beside: number }).beside).toBeGreaterThanOrEqual(2);
  });
});
