import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { projectFile } from "../../toolchain/project.js";
import { endAll, RunningProcess } from "../system/process.js";
import { Rig } from "../system/rig.js";
import { rosEnvironment, rosVenv } from "./ros2.js";

const CALLS = 1000;
const DAMAGE = 0.01;

interface Outcome {
  readonly found_s: number;
  readonly calls: number;
  readonly lost: number;
  readonly wrong: readonly unknown[];
  readonly median_ms: number;
  readonly p99_ms: number;
}

/** Unmodified rclpy calls a TypeScript handler in wasm3, in the firmware, behind a serial line that damages frames. */
describe.each(["jazzy", "kilted"] as const)("rclpy of %s", (distro) => {
  let rig: Rig;
  let venv: string;
  const seed = Math.floor(Math.random() * 2 ** 31);
  beforeAll(async () => {
    venv = await rosVenv(distro);
    rig = await Rig.build("examples/add_two_ints");
    const board = rig.startBoard();
    await rig.startLine({ damage: DAMAGE, seed });
    const agent = rig.startAgent();
    await agent.waitFor(/service created/, 20_000);
    expect(board.lines).not.toEqual([]);
  }, 600_000);
  afterEach(endAll);
  afterAll(() => rig?.remove());

  it(`makes ${CALLS} calls without a loss while ${100 * DAMAGE} % of the frames are damaged (seed ${seed})`, async () => {
    const script = projectFile("test/interop/nodes/add_two_ints_calls.py");
    const client = new RunningProcess(
      "rclpy",
      `${venv}/bin/python`,
      [script, String(CALLS), String(seed)],
      rosEnvironment(venv, rig.domain),
    );
    const [json = "{}"] = await client.waitFor(/^\{.*\}$/, 150_000);
    const outcome = JSON.parse(json) as Outcome;
    console.info(`${distro}: median ${outcome.median_ms} ms, p99 ${outcome.p99_ms} ms`);
    expect(outcome).toMatchObject({ calls: CALLS, lost: 0, wrong: [] });
  });
});
