/** An app on the board calls action servers of rclpy. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CONSOLE_BOARDS } from "../system/boards.js";
import { endAll, type RunningProcess } from "../system/process.js";
import { Rig } from "../system/rig.js";
import { startRclpy, withRclpy } from "./rclpy.js";

/** What the app's scenarios log, in this order. */
const EXPECTED: readonly (readonly [string, string])[] = [
  ["no server", "not there"],
  ["goal to no server", "/parallel/_action/send_goal: timed out: no server is known"],
  ["goal", "succeeded [0 1 1 2 3 5 8]"],
  ["feedback", "3 4 5 6 7"],
  ["result again", "succeeded [0 1 1 2 3 5 8]"],
  ["reject", "rejected"],
  ["abort", "aborted [0 1 1 2 3]"],
  ["cancel", "code 0, 1 canceling"],
  ["canceled", "canceled"],
  ["cancel ended", "code 3, 0 canceling"],
  // rclpy leaves the code at ERROR_NONE, rclcpp says ERROR_REJECTED.
  ["cancel refused", "code 0, 0 canceling"],
  ["result in time", "/brief/_action/get_result: timed out: no response"],
  ["cancel before", "code 0, 2 canceling"],
  ["before", "canceled canceled"],
  ["cancel all", "code 0, 1 canceling"],
  ["all", "canceled"],
  ["several", "succeeded [0 1 1 2 3 5] and 4 others"],
  ["before expiry", "succeeded [0 1 1]"],
  ["after expiry", "unknown []"],
  ["slow answer", "/slow_to_answer/_action/send_goal: timed out: no response"],
  ["end", "of the scenarios"],
];

describe.each(withRclpy(CONSOLE_BOARDS))("$target, $engine, and rclpy of $distro", ({ distro, ...kind }) => {
  let rig: Rig;
  let board: RunningProcess;
  beforeAll(async () => {
    rig = await Rig.build("test/interop/apps/action_client", kind);
    board = rig.startBoard();
    rig.connectDirectly();
    rig.startAgent();
    // The server comes only when the board has waited for it.
    await board.waitFor(/waiting: for the server/, 20_000);
    await startRclpy(distro, rig.domain, "action_server.py");
  });
  afterAll(async () => {
    await endAll();
    rig?.remove();
  });

  it.each(EXPECTED)("%s", async (scenario, seen) => {
    const line = new RegExp(`\\[action_client\\]: ${scenario}: (.*)$`);
    expect((await board.waitFor(line, 30_000))[1]).toBe(seen);
  });
});
