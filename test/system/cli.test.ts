import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { projectFile } from "../../toolchain/project.js";
import { freeTcpPort } from "./agent.js";
import { endAll, RunningProcess } from "./process.js";
import { Rig } from "./rig.js";

const MAIN = projectFile("dist/cli/main.js");
const folder = mkdtempSync(path.join(tmpdir(), "rosehip-cli-"));

afterEach(endAll);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const rosehip = (...args: string[]) => new RunningProcess("rosehip", process.execPath, [MAIN, ...args]);

async function outcome(...args: string[]) {
  const run = rosehip(...args);
  return { status: await run.exited, text: run.lines.join("\n") };
}

describe("rosehip", () => {
  it.each([
    ["--help"],
    ["agent", "--help"],
    ["agent", "serial", "--help"],
    ["build", "--help"],
    ["--version"],
  ])("%s %s ends with 0", async (...args) => {
    expect(await outcome(...args.filter((one) => one !== undefined))).toMatchObject({ status: 0 });
  });

  it.each<[string[], RegExp]>([
    [["agent", "udp4", "-p", "70000"], /whole number from 1 to 65535/],
    [["agent", "udp4", "-v", "7"], /whole number from 0 to 6/],
    [["agent", "udp4", "-m", "ced"], /one middleware/],
    [["agent", "serial"], /--dev/],
    [["agent", "nonsense"], /unknown command|too many arguments/],
    [["call", "/a b", "std_srvs/srv/Trigger"], /CLI_NAME/],
    [["call", "/a", "Trigger"], /CLI_TYPE/],
    [["call", "/a", "std_srvs/srv/Trigger", "{"], /CLI_VALUES/],
    [["build", "--memory", "lots"], /CLI_MEMORY/],
  ])("%j is a wrong command line: 2, and says why", async (args, reason) => {
    const { status, text } = await outcome(...args);
    expect(text).toMatch(reason);
    expect(status).toBe(2);
  });

  it("build names file, line and column of a mistake, and ends with 1", async () => {
    writeFileSync(
      path.join(folder, "app.ts"),
      'import { Node } from "rosehip/assembly";\nconst n = new Node(1);\n',
    );
    const { status, text } = await outcome("build", folder);
    expect(text).toMatch(/app\.ts:2:\d+: AS\d+/);
    expect(text).toContain("BUILD_COMPILE");
    expect(status).toBe(1);
  });

  it("gen names what is not defined, and ends with 1", async () => {
    const { status, text } = await outcome("gen", "no_such_msgs/srv/Nothing", "--project", folder);
    expect(text).toContain("IDL_UNKNOWN_TYPE");
    expect(status).toBe(1);
  });

  it("gen writes modules, and nothing the second time", async () => {
    const args = ["gen", "std_srvs", "--project", folder, "--out", "generated"];
    expect((await outcome(...args)).text).toMatch(/files .* [1-9]\d* changed/);
    expect((await outcome(...args)).text).toMatch(/files .* 0 changed/);
  });

  it("agent says which port is taken, and ends with 1", async () => {
    const port = String(await freeTcpPort());
    const first = rosehip("agent", "tcp4", "-p", port);
    await first.waitFor(/listening/);
    const { status, text } = await outcome("agent", "tcp4", "-p", port);
    expect(text).toContain("XRCE_TRANSPORT_OPEN");
    expect(text).toMatch(/to fix/);
    expect(status).toBe(1);
  });

  it.each([
    ["before the transport", ["-v", "3"], []],
    ["after it", [], ["-v", "3"]],
    ["written together", [], ["-v3"]],
  ])("agent heeds options %s", async (_, before, after) => {
    const port = String(await freeTcpPort());
    const agent = rosehip("agent", ...before, "udp4", "-p", port, ...after, "-m", "dds");
    // A warning is said at level 3, "listening" not; it is listening once the port is taken.
    await agent.waitFor(/-m and -d do nothing/);
    const other = await outcome("agent", "udp4", "-p", port);
    expect(other.text).toContain("XRCE_TRANSPORT_OPEN");
    expect(await agent.kill("SIGINT")).toBe(0);
    expect(agent.lines.join("\n")).not.toMatch(/listening|stopping/);
  });

  it("agent's transports tell the options they share", async () => {
    expect((await outcome("agent", "udp4", "--help")).text).toMatch(/--verbose/);
  });

  it("agent takes the Micro XRCE-DDS Agent's flags and ends with 0 on SIGINT", async () => {
    const agent = rosehip(
      "agent",
      "multiserial",
      "--devs",
      `${folder}/a ${folder}/b`,
      "-b",
      "921600",
      "-v6",
      "-m",
      "dds",
    );
    await agent.waitFor(/listening.*a 921600/);
    await agent.waitFor(/listening.*b 921600/);
    expect(await agent.kill("SIGINT")).toBe(0);
  });
});

describe("a call from the command line", () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await Rig.build("examples/add_two_ints");
    return () => rig.remove();
  });

  it.each(["udp", "tcp"] as const)("is answered by a board on %s", async (protocol) => {
    const port = String(await freeTcpPort());
    const agent = rig.run("agent", MAIN, "agent", `${protocol}4`, "-p", port);
    await agent.waitFor(/listening/);
    const board = rig.startBoardAt(`--${protocol}`, `127.0.0.1:${port}`);
    await board.waitFor(/connected/);
    const call = rig.run(
      "call",
      MAIN,
      "call",
      "add_two_ints",
      "example_interfaces/srv/AddTwoInts",
      "{a: -5, b: 40}",
    );
    await call.waitFor(/^sum: 35$/);
    expect(await call.exited).toBe(0);
  });

  it("ends with 1 if there is no server", async () => {
    const call = rig.run("call", MAIN, "call", "/nobody", "std_srvs/srv/Trigger", "-t", "0.5");
    await call.waitFor(/CALL_NO_SERVICE/);
    expect(await call.exited).toBe(1);
  });
});
