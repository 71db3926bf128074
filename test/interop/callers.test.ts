import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { projectFile } from "../../toolchain/project.js";
import { freeUdpPort, startUdpAgent } from "../system/agent.js";
import { endAll, RunningProcess } from "../system/process.js";
import { Rig } from "../system/rig.js";
import { freshDomain } from "../worker.js";
import { cycloneEnvironment, cycloneVenv } from "./cyclone.js";
import { MicroRosClient } from "./micro-ros-client.js";
import { DISTROS, type Distro, rosEnvironment, rosVenv } from "./ros2.js";

const CALLS = 200;
const TYPE = "example_interfaces::srv::dds_::AddTwoInts";
const cycloneScript = projectFile("test/interop/nodes/cyclone_add_two_ints.py");

const venvs = new Map<Distro, string>();
let cyclone: string;
beforeAll(async () => {
  for (const distro of DISTROS) venvs.set(distro, await rosVenv(distro));
  cyclone = await cycloneVenv();
}, 600_000);
afterEach(endAll);

function rclpy(distro: Distro, domain: number, script: string, ...args: string[]): RunningProcess {
  const venv = venvs.get(distro) ?? "";
  const file = projectFile(`test/interop/nodes/${script}`);
  return new RunningProcess(distro, `${venv}/bin/python`, [file, ...args], rosEnvironment(venv, domain));
}

function cyclonePeer(domain: number, ...args: string[]): RunningProcess {
  return new RunningProcess(
    "cyclone",
    `${cyclone}/bin/python`,
    [cycloneScript, ...args],
    cycloneEnvironment(domain),
  );
}

const outcome = async (peer: RunningProcess): Promise<unknown> =>
  JSON.parse((await peer.waitFor(/^\{.*\}$/, 150_000))[0]);

/** Random int64 values, the same for the same seed. */
function* values(seed: number): Generator<bigint> {
  for (let state = BigInt(seed); ; ) {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    yield BigInt.asIntN(64, state ^ (state >> 29n));
  }
}

async function callAsMicroRos(
  port: number,
  domain: number,
  seed: number,
  count: number,
): Promise<bigint[][]> {
  const client = await MicroRosClient.connect(port, "7a000001", "micro_ros_client", domain);
  await client.createClient("add_two_ints", TYPE);
  const random = values(seed);
  const calls: bigint[][] = [];
  for (let i = 0; i < count; i++) {
    const [a, b] = [random.next().value as bigint, random.next().value as bigint];
    calls.push([a, b, await client.addTwoInts(a, b)]);
  }
  client.close();
  return calls;
}

const isRight = ([a = 0n, b = 0n, sum = 0n]: readonly bigint[]): boolean => sum === BigInt.asIntN(64, a + b);

describe("one device service", () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await Rig.build("examples/add_two_ints");
    return () => rig.remove();
  }, 600_000);
  const seed = Math.floor(Math.random() * 2 ** 31);

  it(`answers rclpy of both distros, Cyclone DDS and micro-ROS at the same time, each in its own way (seed ${seed})`, async () => {
    const port = await freeUdpPort();
    const agent = startUdpAgent(port, rig.domain);
    await agent.waitFor(/listening/);
    rig.startBoardAt("--udp", `127.0.0.1:${port}`);
    await agent.waitFor(/service created/, 20_000);
    const callers = [
      ...DISTROS.map((distro, i) =>
        rclpy(distro, rig.domain, "add_two_ints_calls.py", `${CALLS}`, `${seed + i}`),
      ),
      cyclonePeer(rig.domain, "client", `${CALLS}`, `${seed + 2}`),
      cyclonePeer(rig.domain, "client", `${CALLS}`, `${seed + 3}`),
    ];
    const [microRos, ...others] = await Promise.all([
      callAsMicroRos(port, rig.domain, seed, CALLS),
      ...callers.map(outcome),
    ]);
    expect((microRos as bigint[][]).filter((call) => !isRight(call))).toEqual([]);
    const good = { calls: CALLS, lost: 0, wrong: [] };
    const goodCyclone = { ...good, strange: 0 };
    expect(others).toMatchObject([good, good, goodCyclone, goodCyclone]);
  });

  /*
   * A reader of Fast DDS or Cyclone DDS keeps the last 10 replies, whoever they are for: with an rclpy server, each of these
   * calls would be lost. Hence replies go to the client that asked, and to no other.
   */
  it(`answers callers that come for their replies late, while others call without a pause (seed ${seed})`, async () => {
    const port = await freeUdpPort();
    const agent = startUdpAgent(port, rig.domain);
    await agent.waitFor(/listening/);
    const board = rig.startBoardAt("--udp", `127.0.0.1:${port}`);
    await agent.waitFor(/service created/, 20_000);
    const without = `${1_000_000}`;
    rclpy("kilted", rig.domain, "add_two_ints_calls.py", without, `${seed}`);
    cyclonePeer(rig.domain, "client", without, `${seed + 1}`);
    const answered = () => board.lines.filter((line) => line.includes("Incoming request")).length;
    await expect.poll(answered, { timeout: 30_000 }).toBeGreaterThan(100);
    const before = answered();
    const late = ["10", `${seed + 2}`];
    const outcomes = await Promise.all([
      outcome(rclpy("jazzy", rig.domain, "add_two_ints_calls.py", ...late, "add_two_ints", "0.2")),
      outcome(cyclonePeer(rig.domain, "client", ...late, "0.2")),
    ]);
    expect(answered() - before).toBeGreaterThan(10 * 2 * 10);
    expect(outcomes).toMatchObject([
      { calls: 10, lost: 0, wrong: [] },
      { calls: 10, lost: 0, wrong: [], strange: 0 },
    ]);
  });
});

describe("one device client", () => {
  const seed = Math.floor(Math.random() * 2 ** 31);

  it(`calls rclpy servers of both distros and a Cyclone DDS server at the same time (seed ${seed})`, async () => {
    const domain = freshDomain();
    const port = await freeUdpPort();
    const agent = startUdpAgent(port, domain);
    await agent.waitFor(/listening/);
    const servers = [
      ...DISTROS.map((distro) => rclpy(distro, domain, "add_two_ints_witness.py")),
      cyclonePeer(domain, "server"),
    ];
    for (const server of servers) await server.waitFor(/^ready/, 30_000);
    const client = await MicroRosClient.connect(port, "7a000002", "micro_ros_client", domain);
    await client.createClient("add_two_ints", TYPE);
    for (const topic of ["rq/add_two_intsRequest", "rr/add_two_intsReply"]) {
      await agent.waitFor(new RegExp(`matched.*topic=${topic}.*total=3`), 15_000);
    }
    const random = values(seed);
    const asked: string[] = [];
    for (let i = 0; i < CALLS; i++) {
      const [a, b] = [random.next().value as bigint, random.next().value as bigint];
      asked.push(`${a} ${b}`);
      expect(isRight([a, b, await client.addTwoInts(a, b)])).toBe(true);
    }
    for (const server of servers) {
      await server.waitFor(new RegExp(`"b": ${asked.at(-1)?.split(" ")[1]}\\D`));
      const heard = server.lines.filter((line) => line.startsWith("{"));
      expect(heard.map((line) => /"a": (-?\d+), "b": (-?\d+)/.exec(line)?.slice(1).join(" "))).toEqual(asked);
    }
    expect(
      servers[2]?.lines.filter((line) => line.startsWith("{") && !line.includes('"strange": 0')),
    ).toEqual([]);
    client.close();
  });
});
