import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ServiceClient, type ServiceTypes } from "../../cli/service-client.js";
import type { RtpsNetwork } from "../../host-agent/src/rtps/network.js";
import { MessageCodec } from "../../toolchain/interface/codec.js";
import { ddsTypeName } from "../../toolchain/interface/definition.js";
import { typeHash } from "../../toolchain/interface/description.js";
import { interfaceSources } from "../../toolchain/interface/gen.js";
import { InterfaceLibrary } from "../../toolchain/interface/library.js";
import { projectFile } from "../../toolchain/project.js";
import { endAll, type RunningProcess } from "../system/process.js";
import { Rig } from "../system/rig.js";
import { startRclpy } from "./rclpy.js";

const CLIENTS = 1000;
/** How many of them live at the same time. */
const AT_ONCE = 8;

const library = new InterfaceLibrary(interfaceSources(projectFile()));

/** The types of one of Fibonacci's services. */
function types(service: "SendGoal" | "GetResult"): ServiceTypes {
  const part = (name: string) => {
    const hash = typeHash(library, name);
    if (hash === undefined) throw new Error(`no type hash of ${name}`);
    return { type: ddsTypeName(name), codec: new MessageCodec(library, name), typeHash: hash };
  };
  const name = `example_interfaces/action/Fibonacci_${service}`;
  return { request: part(`${name}_Request`), response: part(`${name}_Response`) };
}

const newId = () => ({ uuid: [...randomBytes(16)] });

let rig: Rig;
let board: RunningProcess;
let network: RtpsNetwork;
beforeAll(async () => {
  rig = await Rig.build("test/interop/apps/action_server");
  board = rig.startBoard();
  rig.connectDirectly();
  await rig.startAgent().waitFor(/forgetful\/_action\/status/, 20_000);
  network = await rig.openNetwork();
});
afterAll(async () => {
  await network?.close();
  await endAll();
  rig?.remove();
});

/** Sends a goal and is gone before the answer can be there. */
async function dieAfterSendGoal(number: number, sendGoal: ServiceTypes): Promise<void> {
  const client = new ServiceClient(network, `dying_${number}`, "/forgetful/_action/send_goal", sendGoal);
  await client.waitForService(20_000);
  // When this is answered each side knows of the other: what is sent from then on arrives at the first attempt.
  await client.call({ goal_id: newId(), goal: { order: 0 } }, 10_000);
  const answer = client.call({ goal_id: newId(), goal: { order: 0 } }, 10_000);
  // What is written leaves in a microtask; an answer can be there in the next turn of the event loop at the earliest.
  await Promise.resolve();
  client.close();
  await expect(answer).rejects.toMatchObject({ code: "CALL_CLOSED" });
}

// The action server of rclc stops at the first one: https://github.com/ros2/rclc/issues/415
it(`${CLIENTS} clients die between send_goal and its answer; the server serves the next one`, async () => {
  const sendGoal = types("SendGoal");
  const survivor = new ServiceClient(network, "survivor", "/parallel/_action/send_goal", sendGoal);
  const results = new ServiceClient(
    network,
    "survivor_results",
    "/parallel/_action/get_result",
    types("GetResult"),
  );
  await Promise.all([survivor.waitForService(20_000), results.waitForService(20_000)]);
  for (let number = 0; number < CLIENTS; number += AT_ONCE) {
    await Promise.all(
      Array.from({ length: AT_ONCE }, (_, index) => dieAfterSendGoal(number + index, sendGoal)),
    );
    const goal_id = newId();
    const answer = await survivor.call({ goal_id, goal: { order: 2 } }, 10_000);
    expect(answer).toMatchObject({ accepted: true });
    const result = await results.call({ goal_id }, 10_000);
    expect(result).toMatchObject({ status: 4, result: { sequence: [0, 1, 1] } });
  }
  // The first goal of each client did arrive, and of the last ones at least half: DDS may hear that a writer is gone
  // before it hears its last sample.
  await board.waitFor(new RegExp(`${1.5 * CLIENTS} goals served`), 10_000);
  const caller = await startRclpy("jazzy", rig.domain, "action_scenarios.py", "goal", "cancel_all", "expiry");
  for (const scenario of ["goal", "cancel_all", "expiry"]) {
    const [line] = await caller.waitFor(new RegExp(`^{"scenario": "${scenario}".*}$`), 60_000);
    expect(JSON.parse(line)).not.toHaveProperty("error");
  }
  expect(board.lines.filter((line) => /ERROR|FATAL/.test(line))).toEqual([]);
}, 180_000);
