import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { BOARDS } from "../system/boards.js";
import { endAll } from "../system/process.js";
import { Rig } from "../system/rig.js";
import { startRclpy, withRclpy } from "./rclpy.js";

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

/** Unmodified rclpy calls a TypeScript handler in the firmware, behind a serial line that damages frames. */
describe.each(withRclpy(BOARDS))("$target, $engine, and rclpy of $distro", ({ distro, ...kind }) => {
  let rig: Rig;
  const seed = Math.floor(Math.random() * 2 ** 31);
  beforeAll(async () => {
    rig = await Rig.build("examples/add_two_ints", kind);
    rig.startBoard();
    await rig.startLine({ damage: DAMAGE, seed });
    const agent = rig.startAgent();
    await agent.waitFor(/service created/, 20_000);
  }, 600_000);
  afterEach(endAll);
  afterAll(() => rig?.remove());

  it(`makes ${CALLS} calls without a loss while ${100 * DAMAGE} % of the frames are damaged (seed ${seed})`, async () => {
    const client = await startRclpy(distro, rig.domain, "add_two_ints_calls.py", `${CALLS}`, `${seed}`);
    const [json = "{}"] = await client.waitFor(/^\{.*\}$/, 150_000);
    const outcome = JSON.parse(json) as Outcome;
    console.info(
      `${kind.target}, ${kind.engine}, ${distro}: median ${outcome.median_ms} ms, p99 ${outcome.p99_ms} ms`,
    );
    expect(outcome).toMatchObject({ calls: CALLS, lost: 0, wrong: [] });
  });
});
