import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { projectFile } from "../../toolchain/project.js";
import { freeUdpPort, startUdpAgent } from "../system/agent.js";
import { endAll, RunningProcess } from "../system/process.js";
import { Rig } from "../system/rig.js";
import { freshDomain } from "../worker.js";
import { DISTROS, rosEnvironment, rosVenv } from "./ros2.js";

const NODE = "minimal_service";
/** The promise: as soon as ROS 2 tools show it gone. */
const GONE_S = 2;

/** What nodes/graph_probe.py shows. */
type View = Readonly<Record<string, unknown>>;

describe.each(DISTROS)("the graph as rclpy of %s sees it", (distro) => {
  let rig: Rig;
  let venv: string;
  let twin: View;
  beforeAll(async () => {
    venv = await rosVenv(distro);
    rig = await Rig.build("examples/add_two_ints");
    const domain = freshDomain();
    python(domain, "graph_twin.py");
    [twin] = await look(domain);
    await endAll();
    return () => rig.remove();
  }, 600_000);
  afterEach(endAll);

  function python(domain: number, script: string, ...args: string[]): RunningProcess {
    const file = projectFile(`test/interop/nodes/${script}`);
    return new RunningProcess(script, `${venv}/bin/python`, [file, ...args], rosEnvironment(venv, domain));
  }

  /** @param services how many services the node has when all of it is there */
  async function look(
    domain: number,
    node = NODE,
    services = 1,
    namespace = "/",
  ): Promise<[View, RunningProcess]> {
    const probe = python(domain, "graph_probe.py", node, `${services}`, namespace);
    const [json] = await probe.waitFor(/^\{.*\}$/, 40_000);
    return [JSON.parse(json) as View, probe];
  }

  /** Kills the board and has the probe say how long its node stays. */
  async function secondsUntilGone(board: RunningProcess, probe: RunningProcess): Promise<number> {
    probe.write("killed\n");
    await board.kill();
    const [, seconds] = await probe.waitFor(/^gone (\S+)/, 30_000);
    return Number(seconds);
  }

  it("the twin is there to be compared with", () => {
    expect(twin).toMatchObject({
      nodes: [[NODE, "/"]],
      services: { "/add_two_ints": ["example_interfaces/srv/AddTwoInts"] },
      publishers: { "/rosout": ["rcl_interfaces/msg/Log"] },
    });
  });

  it("a device's node on a serial line is as its rclpy twin, field by field, and goes within 2 s of its board", async () => {
    const board = rig.startBoard();
    rig.connectDirectly();
    const agent = rig.startAgent();
    await agent.waitFor(/service created/, 20_000);
    const [view, probe] = await look(rig.domain);
    expect(view).toEqual(twin);
    expect(await secondsUntilGone(board, probe)).toBeLessThan(GONE_S);
  });

  it("so is one with clients, actions, and publishers and subscriptions of every QoS", async () => {
    const domain = freshDomain();
    python(domain, "graph_twin.py", "everything");
    const [twinOfAll] = await look(domain, "everything", 4);
    expect(twinOfAll).toMatchObject({
      services: { "/add": expect.anything(), "/count/_action/send_goal": expect.anything() },
      clients: { "/sum": expect.anything(), "/count_elsewhere/_action/send_goal": expect.anything() },
      topics: { "/strict": [{ liveliness: "MANUAL_BY_TOPIC", lease: 3e9, deadline: 1e9, lifespan: 2e9 }] },
    });
    await endAll();
    const all = await Rig.build("test/interop/apps/graph");
    all.startBoard();
    all.connectDirectly();
    all.startAgent();
    const [view] = await look(all.domain, "everything", 4);
    expect(view).toEqual(twinOfAll);
    all.remove();
  });

  it("so is one that the agent's command line remaps as --ros-args do", async () => {
    const rules = [
      "__node:=renamed",
      "__ns:=/fleet/one",
      "plain:=/front/plain",
      "add:=sums/add",
      "sensor:=imu",
    ];
    const domain = freshDomain();
    python(domain, "graph_twin.py", "everything", "--ros-args", ...rules.flatMap((rule) => ["-r", rule]));
    const [twinOfAll] = await look(domain, "renamed", 4, "/fleet/one");
    expect(twinOfAll).toMatchObject({
      nodes: [["renamed", "/fleet/one"]],
      services: { "/fleet/one/sums/add": expect.anything() },
      publishers: { "/front/plain": expect.anything() },
    });
    await endAll();
    const all = await Rig.build("test/interop/apps/graph");
    all.startBoard();
    all.connectDirectly();
    all.startAgent(...rules.flatMap((rule) => ["--remap", rule]));
    const [view] = await look(all.domain, "renamed", 4, "/fleet/one");
    expect(view).toEqual(twinOfAll);
    all.remove();
  });

  it("so is one on UDP", async () => {
    const port = await freeUdpPort();
    const agent = startUdpAgent(port, rig.domain);
    await agent.waitFor(/listening/);
    const board = rig.startBoardAt("--udp", `127.0.0.1:${port}`);
    const [view, probe] = await look(rig.domain);
    expect(view).toEqual(twin);
    expect(await secondsUntilGone(board, probe)).toBeLessThan(GONE_S);
  });

  it("a lease keeps it longer, and the agent's end takes it along at once", async () => {
    const port = await freeUdpPort();
    const agent = startUdpAgent(port, rig.domain, "--lease", "5");
    await agent.waitFor(/listening/);
    const board = rig.startBoardAt("--udp", `127.0.0.1:${port}`);
    const [, probe] = await look(rig.domain);
    const seconds = await secondsUntilGone(board, probe);
    expect(seconds).toBeGreaterThan(2.5);
    expect(seconds).toBeLessThan(6);
    const again = rig.startBoardAt("--udp", `127.0.0.1:${port}`);
    const [, second] = await look(rig.domain);
    second.write("ended\n");
    await agent.kill("SIGTERM");
    expect(Number((await second.waitFor(/^gone (\S+)/))[1])).toBeLessThan(1);
    await again.kill();
  });
});
