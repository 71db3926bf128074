/**
 * rclpy calls action servers, one list of scenarios for those of an app on a board, through firmware and agent, on each
 * kind of board; and for rclpy's own, which shows that what is expected is what ROS 2 does.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BOARDS } from "../system/boards.js";
import { endAll, type RunningProcess } from "../system/process.js";
import { Rig } from "../system/rig.js";
import { freshDomain } from "../worker.js";
import { startRclpy, withRclpy } from "./rclpy.js";
import { DISTROS, type Distro } from "./ros2.js";

/** action_msgs/GoalStatus. */
const UNKNOWN = 0;
const ACCEPTED = 1;
const SUCCEEDED = 4;
const CANCELED = 5;
const ABORTED = 6;

function fibonacci(order: number): number[] {
  const sequence = [0, 1];
  while (sequence.length <= order) sequence.push((sequence.at(-1) ?? 0) + (sequence.at(-2) ?? 0));
  return sequence;
}

/** A goal's feedback from its first to its last. */
const feedback = (order: number) => Array.from({ length: order - 1 }, (_, index) => fibonacci(index + 2));

/** What every action server does. */
const COMMON = {
  goal: { status: SUCCEEDED, sequence: fibonacci(6), feedback: feedback(6) },
  reject: { accepted: false },
  cancel: { code: 0, own: [true], status: CANCELED, kept: true },
  // rclpy leaves the code at ERROR_NONE.
  cancel_refused: { code: 0, own: [], still_running: true },
  cancel_ended: { code: 3, own: [] },
  cancel_unknown: { code: 2, canceling: 0 },
  cancel_all: { code: 0, canceling: 3, statuses: [CANCELED, CANCELED, CANCELED] },
  cancel_before: { code: 0, canceling: 2, statuses: [CANCELED, CANCELED, SUCCEEDED] },
  abort: { status: ABORTED, sequence: [0, 1, 1, 2, 3], feedback: 3 },
  several: {
    outcomes: [4, 9, 6, 9].map((order) => ({ status: SUCCEEDED, sequence: fibonacci(order) })),
    feedback: [4, 9, 6, 9].map(feedback),
    overlap: true,
  },
  same_id: { second: false, first: SUCCEEDED },
  late_result: { results: [3, 3].map((order) => ({ status: SUCCEEDED, sequence: fibonacci(order) })) },
  unknown_result: { status: UNKNOWN, sequence: [] },
  status: { found: [SUCCEEDED] },
  expiry: { first: { status: SUCCEEDED, sequence: fibonacci(2) }, in_time: true },
};

/** What our servers do besides, or otherwise. */
const OURS = {
  // ERROR_REJECTED, as rclcpp.
  cancel_refused: { code: 1, own: [], still_running: true },
  deferred: {
    at_first: [ACCEPTED],
    waited: true,
    status: SUCCEEDED,
    sequence: fibonacci(4),
    feedback: feedback(4),
  },
  queue: {
    outcomes: [5, 4].map((order) => ({ status: SUCCEEDED, sequence: fibonacci(order) })),
    one_after_the_other: true,
    feedback: 7,
  },
  busy: { second: false, code: 0, third: { status: SUCCEEDED, sequence: fibonacci(3) } },
  preempt: { second: { status: SUCCEEDED, sequence: fibonacci(4) }, first: CANCELED },
};

function itServes(scenarios: Readonly<Record<string, object>>, distro: Distro, domain: () => number): void {
  let caller: RunningProcess;
  beforeAll(async () => {
    caller = await startRclpy(distro, domain(), "action_scenarios.py", ...Object.keys(scenarios));
  });

  it.each(Object.entries(scenarios))("%s", async (scenario, expected) => {
    const [line] = await caller.waitFor(new RegExp(`^{"scenario": "${scenario}".*}$`), 60_000);
    expect(JSON.parse(line)).toEqual({ scenario, ...expected });
  });
}

describe.each(withRclpy(BOARDS))("$target, $engine, and rclpy of $distro", ({ distro, ...kind }) => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await Rig.build("test/interop/apps/action_server", kind);
    rig.startBoard();
    rig.connectDirectly();
    await rig.startAgent().waitFor(/forgetful\/_action\/status/, 20_000);
  });
  afterAll(async () => {
    await endAll();
    rig?.remove();
  });

  itServes({ ...COMMON, ...OURS }, distro, () => rig.domain);
});

describe.each(DISTROS)("servers of rclpy of %s", (distro) => {
  const domain = freshDomain();
  beforeAll(async () => {
    const server = await startRclpy(distro, domain, "action_server.py");
    await server.waitFor(/^ready/, 30_000);
  });
  afterAll(() => endAll());

  itServes(COMMON, distro, () => domain);
});
