import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { buildApp } from "../../toolchain/build/build.js";
import { projectFile } from "../../toolchain/project.js";
import { endAll, RunningProcess } from "../system/process.js";
import { freshDomain, workerFolder } from "../worker.js";
import { rosEnvironment, rosVenv } from "./ros2.js";

const ROSEHIP = projectFile("dist/cli/main.js");

/** Apps in simulated boards (`rosehip sim`) and the rclpy twins of their peers, on one real graph, in both roles. */
describe("a simulated board on the graph of rclpy", () => {
  let venv: string;
  const built = new Map<string, string>();
  beforeAll(async () => {
    venv = await rosVenv("jazzy");
    for (const app of [
      "add_two_ints",
      "add_two_ints_client",
      "fibonacci",
      "fibonacci_client",
      "publisher",
      "subscriber",
    ]) {
      const outDir = workerFolder(app);
      const { wasmPath } = await buildApp({ entry: projectFile("examples", app), outDir });
      built.set(app, wasmPath);
    }
  }, 600_000);
  afterEach(endAll);

  function pair(app: string, twin: string): { board: RunningProcess; peer: RunningProcess } {
    const environment = rosEnvironment(venv, freshDomain());
    const board = new RunningProcess(
      "board",
      process.execPath,
      [ROSEHIP, "sim", built.get(app) ?? app],
      environment,
    );
    const script = projectFile("test/interop/nodes/twins", `${twin}.py`);
    const peer = new RunningProcess("rclpy", `${venv}/bin/python`, [script], environment);
    return { board, peer };
  }

  it("serves an rclpy client", async () => {
    const { board, peer } = pair("add_two_ints", "add_two_ints_client");
    await peer.waitFor(/Result of add_two_ints: for 41 \+ 1 = 42/, 90_000);
    await board.waitFor(/\[INFO\] \[minimal_service\]: Incoming request: a=41, b=1/, 30_000);
  });

  it("calls an rclpy server", async () => {
    const { board } = pair("add_two_ints_client", "add_two_ints");
    await board.waitFor(/Result of add_two_ints: for 41 \+ 1 = 42/, 90_000);
  });

  it("runs goals of an rclpy action client, and lets it cancel", async () => {
    const { board, peer } = pair("fibonacci", "fibonacci_client");
    await peer.waitFor(/Received feedback: \[0, 1, 1\]/, 90_000);
    await peer.waitFor(/Result: \[0, 1, 1, 2, 3\]/, 60_000);
    await peer.waitFor(/Goal canceled/, 60_000);
    await board.waitFor(/Goal canceled/, 30_000);
  });

  it("sends goals to an rclpy action server, and cancels one", async () => {
    const { board } = pair("fibonacci_client", "fibonacci");
    await board.waitFor(/Result: \[0, 1, 1, 2, 3\]/, 90_000);
    await board.waitFor(/Goal canceled/, 60_000);
  });

  it("publishes to an rclpy subscription", async () => {
    const { peer } = pair("publisher", "subscriber");
    await peer.waitFor(/I heard: "Hello World: \d+"/, 90_000);
  });

  it("hears an rclpy publisher, and leaves when told", async () => {
    const { board } = pair("subscriber", "publisher");
    await board.waitFor(/I heard: "Hello World: \d+"/, 90_000);
    board.kill("SIGTERM");
    expect(await board.exited).toBe(0);
  });
});
