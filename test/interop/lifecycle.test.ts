/** rclpy takes a lifecycle node through its states: examples/lifecycle, and its rclpy twin; both are to answer the same. */
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { endAll } from "../system/process.js";
import { freshDomain, Rig } from "../system/rig.js";
import { startRclpy } from "./rclpy.js";

interface Report {
  readonly answers: readonly boolean[];
  readonly states: readonly unknown[];
  readonly chatter: { readonly inactive: number; readonly active: number };
  readonly events: readonly unknown[];
}

async function report(distro: "jazzy" | "kilted", domain: number): Promise<Report> {
  const calls = await startRclpy(distro, domain, "lifecycle_calls.py");
  const [json = "{}"] = await calls.waitFor(/^\{.*\}$/, 120_000);
  return JSON.parse(json) as Report;
}

describe.each(["jazzy", "kilted"] as const)("rclpy of %s", (distro) => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await Rig.build("examples/lifecycle");
  }, 600_000);
  afterEach(endAll);

  it("takes a board's node through its states as one of rclpy", async () => {
    rig.startBoard();
    await rig.startLine({});
    rig.startAgent();
    const { chatter, ...ours } = await report(distro, rig.domain);
    await endAll();
    const domain = freshDomain();
    const twin = await startRclpy(distro, domain, "lifecycle_node.py");
    await twin.waitFor(/^ready$/, 30_000);
    const { chatter: chatterOfTwin, ...theirs } = await report(distro, domain);
    expect(ours).toEqual(theirs);
    expect(ours.answers).toEqual([true, true, true, true, false, true]);
    expect(ours.events.length).toBe(10);
    for (const { inactive, active } of [chatter, chatterOfTwin]) {
      expect(inactive).toBe(0);
      expect(active).toBeGreaterThan(1);
    }
  });
});
