/** rclpy calls a board all the time, and has a goal in flight, while the board gets another app. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { projectFile, projectRoot } from "../../toolchain/project.js";
import { addTwoInts, buildSource, writeSource } from "../system/deploy-apps.js";
import { endAll, type RunningProcess } from "../system/process.js";
import { Rig } from "../system/rig.js";
import { startRclpy } from "./rclpy.js";
import { DISTROS } from "./ros2.js";

const FIBONACCI = `
import { Fibonacci } from "example_interfaces/action";
import { GoalResponse, sleep } from "rosehip/assembly";

node.createActionServer(Fibonacci, "fibonacci", {
  execute: (handle) => {
    const sequence = handle.feedback.sequence;
    sequence.push(0);
    sequence.push(1);
    for (let i = 1; i < handle.goal.order; i++) {
      sequence.push(sequence[i] + sequence[i - 1]);
      sleep(200);
    }
    handle.result.sequence = sequence;
    handle.succeed();
  },
});
`;

interface Seen {
  readonly answers: readonly number[];
  readonly lost: number;
  readonly gone: number;
  readonly goal: string | null;
  readonly next_goal: readonly number[] | null;
  readonly services: readonly string[];
  readonly visible: readonly string[];
}

describe.each(DISTROS)("an app over the link, with rclpy of %s", (distro) => {
  const folder = mkdtempSync(path.join(tmpdir(), "rosehip-deploy-"));
  let rig: Rig;
  let board: RunningProcess;
  let agent: RunningProcess;
  let next: string;

  beforeAll(async () => {
    const first = writeSource("first", addTwoInts(0, FIBONACCI));
    rig = await Rig.build(path.relative(projectRoot, first));
    next = await buildSource("next", addTwoInts(1000, FIBONACCI));
    rig.connectDirectly();
    board = rig.startBoard("--flash", path.join(folder, "flash"), "--health-ms", "500");
    agent = rig.startAgent();
  });
  afterAll(async () => {
    await endAll();
    rig?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it("no call is lost, no server leaves the graph, a goal in flight is aborted with the reason", async () => {
    const caller = await startRclpy(distro, rig.domain, "deploy_caller.py");
    await caller.waitFor(/^ready$/, 60_000);
    await caller.waitFor(/^answer 3$/, 20_000);
    const deploy = rig.run("deploy", projectFile("dist/cli/main.js"), "deploy", next);
    expect(await deploy.exited).toBe(0);
    await caller.waitFor(/^answer 1003$/, 20_000);
    caller.write("stop\n");
    const [json = "{}"] = await caller.waitFor(/^\{.*\}$/, 60_000);
    const seen = JSON.parse(json) as Seen;
    expect(seen).toMatchObject({ answers: [3, 1003], lost: 0, gone: 0, goal: "aborted" });
    expect(seen.next_goal).toEqual([0, 1, 1, 2]);
    expect(seen.services.filter((name) => name.includes("_rosehip"))).toEqual([]);
    expect(seen.visible).toEqual(["deploy_caller", "minimal_service"]);
    await board.waitFor(/fibonacci.*the app was replaced/, 5000);
    expect(agent.lines.filter((line) => line.includes("service=/add_two_ints"))).toHaveLength(1);
  });
});
