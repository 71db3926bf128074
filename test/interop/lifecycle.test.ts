/** rclpy takes a lifecycle node through its states: examples/lifecycle, and its rclpy twin; both are to answer the same. */
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { BOARDS } from "../system/boards.js";
import { endAll } from "../system/process.js";
import { Rig } from "../system/rig.js";
import { askedOnce, startRclpy, withRclpy } from "./rclpy.js";
import type { Distro } from "./ros2.js";

interface Report {
  readonly answers: readonly boolean[];
  readonly states: readonly unknown[];
  readonly chatter: { readonly inactive: number; readonly active: number };
  readonly events: readonly unknown[];
}

async function report(distro: Distro, domain: number): Promise<Report> {
  const calls = await startRclpy(distro, domain, "lifecycle_calls.py");
  const [json = "{}"] = await calls.waitFor(/^\{.*\}$/, 120_000);
  return JSON.parse(json) as Report;
}

const reportOfTwin = askedOnce("lifecycle_node.py", report);

describe.each(withRclpy(BOARDS))("$target, $engine, and rclpy of $distro", ({ distro, ...kind }) => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await Rig.build("examples/lifecycle", kind);
  }, 600_000);
  afterEach(endAll);

  it("takes a board's node through its states as one of rclpy", async () => {
    const { chatter: chatterOfTwin, ...theirs } = await reportOfTwin(distro);
    rig.startBoard();
    await rig.startLine({});
    rig.startAgent();
    const { chatter, ...ours } = await report(distro, rig.domain);
    expect(ours).toEqual(theirs);
    expect(ours.answers).toEqual([true, true, true, true, false, true]);
    expect(ours.events.length).toBe(10);
    for (const { inactive, active } of [chatter, chatterOfTwin]) {
      expect(inactive).toBe(0);
      expect(active).toBeGreaterThan(1);
    }
  });
});
