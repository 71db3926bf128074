import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DeployService, RESULT } from "../../cli/deploy-service.js";
import type { ServiceClient } from "../../cli/service-client.js";
import type { RtpsNetwork } from "../../host-agent/src/rtps/network.js";
import { projectFile } from "../../toolchain/project.js";
import { addTwoInts, buildSource, padded, writeSource } from "./deploy-apps.js";
import { endAll, type RunningProcess } from "./process.js";
import { createClient, Rig } from "./rig.js";

const CLI = projectFile("dist/cli/main.js");
const KEY = "0badcafe";

describe("apps over the link", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "rosehip-deploy-"));
  const flash = path.join(folder, "flash");
  let rig: Rig;
  let network: RtpsNetwork;
  let add: ServiceClient;
  let board: RunningProcess;
  let agent: RunningProcess;
  let plus: string;

  const startBoard = () => rig.startBoard("--flash", flash, "--flash-size", "131072", "--health-ms", "600");
  const answer = async () => Number((await add.call({ a: 20n, b: 22n }, 5000))["sum"]);
  const deploy = async (...args: string[]) => {
    const process = rig.run("deploy", CLI, "deploy", ...args);
    return { status: await process.exited, said: process.lines.join("\n") };
  };
  const keep = (name: string, octets: Uint8Array) => {
    const file = path.join(folder, name);
    writeFileSync(file, octets);
    return file;
  };

  beforeAll(async () => {
    rig = await Rig.build("examples/add_two_ints", { sanitize: true });
    plus = await buildSource("plus", addTwoInts(1000));
    rig.connectDirectly();
    board = startBoard();
    agent = rig.startAgent();
    network = await rig.openNetwork();
    add = createClient(network, "/add_two_ints", "example_interfaces/srv/AddTwoInts");
    await add.waitForService(20_000);
  });
  afterAll(async () => {
    await network.close();
    await endAll();
    rig.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it("through the graph: the next call has the new app's answer, and the service never left", async () => {
    expect(await answer()).toBe(42);
    const { status, said } = await deploy(plus);
    expect(said).toMatch(/the new app runs.*\n.*board 0badcafe keeps the new app/);
    expect(status).toBe(0);
    expect(await answer()).toBe(1042);
    expect(agent.lines.filter((line) => line.includes("service=/add_two_ints"))).toHaveLength(1);
    expect(agent.lines.filter((line) => line.includes("node is gone"))).toEqual([]);
  });

  it("what runs already is not sent again", async () => {
    expect(await deploy(plus, "--board", KEY)).toEqual({
      status: 0,
      said: "done    board 0badcafe runs it already",
    });
  });

  it("an app that traps is rolled back, and its reason said", async () => {
    const trap = await buildSource(
      "trap",
      addTwoInts(3000, 'assert(node.name.length == 0, "bad from the start");'),
    );
    const { status, said } = await deploy(trap, "--board", "minimal_service");
    expect(said).toMatch(
      /error DEPLOY_ROLLED_BACK: the new app was rolled back: bad from the start \(app\.ts:\d+/,
    );
    expect(status).toBe(1);
    expect(await answer()).toBe(1042);
    await agent.waitFor(/failed its trial and is rolled back: bad from the start.*minimal_service/, 5000);
  });

  it("a board that restarts has the app it kept", async () => {
    await board.kill();
    board = startBoard();
    await board.waitFor(/connected to the agent/);
    await expect.poll(answer, { timeout: 10_000 }).toBe(1042);
  });

  it.each([
    ["is no module", () => Buffer.from("this is a text"), /DEPLOY_INVALID: .*module/],
    ["was cut", () => readFileSync(plus).subarray(0, 9000), /DEPLOY_INVALID/],
    [
      "is larger than a slot",
      () => padded(readFileSync(plus), 65_536),
      /DEPLOY_TOO_LARGE: .*there is room for 654\d\d/,
    ],
  ])("an app that %s is refused", async (_what, app, reason) => {
    const { status, said } = await deploy(keep("refused.wasm", app()), "--board", KEY);
    expect(said).toMatch(reason);
    expect(status).toBe(1);
    expect(await answer()).toBe(1042);
  });

  it("while somebody else deploys, a second deployment is refused", async () => {
    const service = new DeployService(network, KEY);
    await service.waitForBoard(5000);
    const wasm = readFileSync(plus);
    const begun = await service.ask("begin", { abi_version: 1, size: wasm.length, hash: Buffer.alloc(32) });
    expect(begun.result).toBe(RESULT.ok);
    const { status, said } = await deploy(keep("second.wasm", padded(wasm, 1)), "--board", KEY);
    expect(said).toMatch(/DEPLOY_BUSY: .*somebody else is deploying/);
    expect(status).toBe(1);
    await service.ask("write", { offset: 0, data: wasm.subarray(0, begun.chunkSize) });
    expect((await service.ask("commit")).result).toBe(RESULT.wrongHash);
    service.close();
    expect(await answer()).toBe(1042);
  });

  it("over the serial line, without an agent", async () => {
    await agent.kill("SIGTERM");
    const minus = await buildSource("minus", addTwoInts(-1000));
    const { status, said } = await deploy(minus, "--dev", rig.agentEnd);
    expect(said).toMatch(/board 0badcafe keeps the new app/);
    expect(status).toBe(0);
    agent = rig.startAgent();
    await expect.poll(answer, { timeout: 10_000 }).toBe(-958);
  });

  it("at each save, with --watch", async () => {
    const source = writeSource("watched", addTwoInts(5000));
    const watch = rig.run("watch", CLI, "deploy", source, "--watch", "--board", KEY);
    await watch.waitFor(/^watch /, 60_000);
    expect(await answer()).toBe(5042);
    writeSource("watched", addTwoInts(6000, "this is no program"));
    await watch.waitFor(/error BUILD_COMPILE/, 30_000);
    writeSource("watched", addTwoInts(7000));
    await expect.poll(answer, { timeout: 30_000 }).toBe(7042);
    expect(await watch.kill("SIGINT")).toBe(0);
  });

  it("a board that takes no apps is named as such", async () => {
    await board.kill();
    board = rig.startBoard();
    await board.waitFor(/connected to the agent/);
    const { status, said } = await deploy(plus, "--board", KEY, "--timeout", "2");
    expect(said).toMatch(/DEPLOY_NO_BOARD: no board here takes apps/);
    expect(status).toBe(1);
  });
});
