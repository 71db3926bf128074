/** Publishers and subscriptions of an app on the board, with those of rclpy. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CONSOLE_BOARDS } from "../system/boards.js";
import { endAll, type RunningProcess } from "../system/process.js";
import { Rig } from "../system/rig.js";
import { startRclpy, withRclpy } from "./rclpy.js";

const TYPE = "std_msgs/msg/String";

describe.each(withRclpy(CONSOLE_BOARDS))("$target, $engine, and rclpy of $distro", ({ distro, ...kind }) => {
  let rig: Rig;
  let board: RunningProcess;
  let agent: RunningProcess;
  let peer: RunningProcess;

  beforeAll(async () => {
    rig = await Rig.build("test/interop/apps/topics", kind);
    // The peer is there before the board: what it published of `history` is kept for it.
    peer = await startRclpy(
      distro,
      rig.domain,
      "topics_peer.py",
      ...["history", "latched", "echo", "sensor", "unreliable", "steady", "burst", "huge", "pulse", "silent"],
      ...["demanding", "fleeting", "endpoints"],
    );
    await peer.waitFor(/^{"published"/, 30_000);
    board = rig.startBoard();
    rig.connectDirectly();
    agent = rig.startAgent();
  });
  afterAll(async () => {
    await endAll();
    rig?.remove();
  });

  async function seen(scenario: string): Promise<Record<string, unknown>> {
    const [line] = await peer.waitFor(new RegExp(`^{"scenario": "${scenario}".*}$`), 60_000);
    return JSON.parse(line) as Record<string, unknown>;
  }

  it("a subscription on the board gets what was published before it came", async () => {
    expect(await seen("history")).toEqual({ scenario: "history" });
    await board.waitFor(/history: number 4$/);
    const heard = board.lines.filter((line) => line.includes("history: "));
    expect(heard.map((line) => line.slice(-1))).toEqual(["2", "3", "4"]);
  });

  it("a subscription of rclpy gets what the board published before it came", async () => {
    expect(await seen("latched")).toMatchObject({ received: ["ready since the beginning"] });
  });

  it("100 texts there and back: none lost, none changed, in order", async () => {
    expect(await seen("echo")).toMatchObject({ equal: true });
  });

  it("best effort takes what is reliable", async () => {
    expect(await seen("sensor")).toEqual({ scenario: "sensor" });
    await board.waitFor(/sensor: 21.5$/);
  });

  it("reliable does not take best effort, and the agent says so", async () => {
    expect(await seen("unreliable")).toMatchObject({ matched: 0 });
    await agent.waitFor(/unreliable.*[Rr]eliab/);
  });

  it("a timer publishes at its rate", async () => {
    const { in_order, rate } = await seen("steady");
    expect(in_order).toBe(true);
    // 50 a second; a busy machine makes messages late, but never more than there are.
    expect(rate).toBeLessThan(70);
    expect(rate).toBeGreaterThan(20);
  });

  it("a burst waits while its callback sleeps, in 16 KiB, and holds up no service", async () => {
    const { answered, slowest } = await seen("burst");
    expect(answered).toBe(true);
    expect(slowest).toBeLessThan(5);
    await board.waitFor(/slow: 99$/);
    const heard = board.lines.flatMap((line) => / slow: (\d+)$/.exec(line)?.[1] ?? []);
    expect(heard).toEqual(heard.toSorted());
    expect(heard.slice(-5)).toEqual(["95", "96", "97", "98", "99"]);
    expect(board.lines.filter((line) => line.includes("too slow for the messages of /slow"))).toHaveLength(1);
    expect(board.lines.filter((line) => line.includes("the app stopped"))).toEqual([]);
  });

  it("a message larger than the board takes is told, and those after it arrive", async () => {
    expect(await seen("huge")).toEqual({ scenario: "huge", received: ["after it"] });
    await agent.waitFor(/dropped, over sample_limit_bytes .*: \d+ octets for the subscription \//);
  });

  it("a publisher that is silent misses its deadline and is not alive, until it publishes again", async () => {
    expect(await seen("pulse")).toEqual({
      scenario: "pulse",
      missed: true,
      alive: [1, 0, 1],
      received: true,
    });
  });

  it("one whose liveliness is automatic stays alive in silence", async () => {
    expect(await seen("silent")).toEqual({
      scenario: "silent",
      missed: false,
      alive: [1],
      received: false,
    });
  });

  it("a subscription that asks for a shorter deadline does not match, and the agent says so", async () => {
    expect(await seen("demanding")).toEqual({ scenario: "demanding" });
    await agent.waitFor(/pulse.*(DEADLINE|deadline)/);
  });

  it("a message whose lifespan is over does not reach those that come later", async () => {
    expect(await seen("fleeting")).toEqual({ scenario: "fleeting", received: [] });
  });

  it("the graph shows types and QoS", async () => {
    expect(await seen("endpoints")).toMatchObject({
      latched: [[TYPE, "RELIABLE", "TRANSIENT_LOCAL"]],
      steady: [[TYPE, "BEST_EFFORT", "VOLATILE"]],
      sensor: [[TYPE, "BEST_EFFORT", "VOLATILE"]],
    });
  });
});
