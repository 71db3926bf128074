/** Unmodified rclpy calls a service and sends goals, on each kind of board with each engine. */
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { BOARDS } from "../system/boards.js";
import { endAll } from "../system/process.js";
import { Rig } from "../system/rig.js";
import { startRclpy } from "./rclpy.js";

const CALLS = 100;

/** What action_scenarios.py is to see; all that there is to see is in actions.test.ts. */
const GOALS = {
  goal: {
    status: 4,
    sequence: [0, 1, 1, 2, 3, 5, 8],
    feedback: [
      [0, 1, 1],
      [0, 1, 1, 2],
      [0, 1, 1, 2, 3],
      [0, 1, 1, 2, 3, 5],
      [0, 1, 1, 2, 3, 5, 8],
    ],
  },
  cancel: { code: 0, own: [true], status: 5, kept: true },
  busy: { second: false, code: 0, third: { status: 4, sequence: [0, 1, 1, 2] } },
};

/** The interpreter on this computer has tests of its own, with more calls, every scenario and both distributions. */
const OTHERS = BOARDS.filter(({ target, engine }) => target !== "native" || engine !== "wasm3");

describe.each(OTHERS)("rclpy and $target, $engine", (kind) => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const rigs: Rig[] = [];
  afterEach(endAll);
  afterAll(() => {
    for (const rig of rigs) rig.remove();
  });

  /** A board with an app and an agent that has its last entity. */
  async function start(app: string, ready: RegExp): Promise<Rig> {
    const rig = await Rig.build(app, kind);
    rigs.push(rig);
    rig.startBoard();
    rig.connectDirectly();
    await rig.startAgent().waitFor(ready, 20_000);
    return rig;
  }

  it(`answers ${CALLS} calls (seed ${seed})`, async () => {
    const rig = await start("examples/add_two_ints", /service created/);
    const client = await startRclpy("jazzy", rig.domain, "add_two_ints_calls.py", `${CALLS}`, `${seed}`);
    const [json] = await client.waitFor(/^\{.*\}$/, 60_000);
    const outcome = JSON.parse(json);
    console.info(`${kind.target}, ${kind.engine}: median ${outcome.median_ms} ms, p99 ${outcome.p99_ms} ms`);
    expect(outcome).toMatchObject({ calls: CALLS, lost: 0, wrong: [] });
  });

  it("runs goals, cancels them and refuses them", async () => {
    const rig = await start("test/interop/apps/action_server", /forgetful\/_action\/status/);
    const caller = await startRclpy("jazzy", rig.domain, "action_scenarios.py", ...Object.keys(GOALS));
    for (const [scenario, expected] of Object.entries(GOALS)) {
      const [line] = await caller.waitFor(new RegExp(`^{"scenario": "${scenario}".*}$`), 60_000);
      expect(JSON.parse(line)).toEqual({ scenario, ...expected });
    }
  });
});
