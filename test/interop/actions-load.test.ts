import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BOARDS } from "../system/boards.js";
import { endAll } from "../system/process.js";
import { Rig } from "../system/rig.js";
import { startRclpy, withRclpy } from "./rclpy.js";

const GOALS = 20;
/** A goal of this order gives one feedback less, each 100 ms after the one before. */
const ORDER = 31;
const BAUD = 921_600;

interface Outcome {
  readonly statuses: readonly number[];
  readonly wrong: readonly unknown[];
  readonly received: number;
  readonly per_second: number;
}

describe.each(withRclpy(BOARDS))("$target, $engine, and rclpy of $distro", ({ distro, ...kind }) => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await Rig.build("test/interop/apps/action_server", kind);
    rig.startBoard();
    await rig.startLine({ baud: BAUD });
    await rig.startAgent().waitFor(/forgetful\/_action\/status/, 20_000);
  });
  afterAll(async () => {
    await endAll();
    rig?.remove();
  });

  it(`${GOALS} goals at once, each with feedback at 10 Hz, over a line of ${BAUD} baud: none is lost or out of order`, async () => {
    const caller = await startRclpy(distro, rig.domain, "action_load.py", "steady", `${GOALS}`, `${ORDER}`);
    const [line] = await caller.waitFor(/^\{.*\}$/, 60_000);
    const outcome = JSON.parse(line) as Outcome;
    console.info(
      `${kind.target}, ${kind.engine}, ${distro}: ${outcome.per_second} feedback messages a second`,
    );
    expect(outcome).toMatchObject({
      statuses: Array.from({ length: GOALS }, () => 4),
      wrong: [],
      received: GOALS * (ORDER - 1),
    });
  });
});
