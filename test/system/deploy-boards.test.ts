/** Apps over the link on an emulated board with NOR flash; what deploying is, is in deploy.test.ts. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DeployService } from "../../cli/deploy-service.js";
import { Deployment } from "../../cli/deploy-transfer.js";
import type { ServiceClient } from "../../cli/service-client.js";
import type { RtpsNetwork } from "../../host-agent/src/rtps/network.js";
import { addTwoInts, buildSource } from "./deploy-apps.js";
import { endAll, type RunningProcess } from "./process.js";
import { createClient, Rig } from "./rig.js";

const KEY = "0badcafe";
const CUTS = 8;

describe("apps over the link: qemu_riscv32, wasm3", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "rosehip-deploy-"));
  let rig: Rig;
  let network: RtpsNetwork;
  let add: ServiceClient;
  let board: RunningProcess;
  let apps: Readonly<Record<number, string>>;
  /** What a deployment to this board takes, so that power fails anywhere in it. */
  let deploymentMs = 0;

  const startBoard = () => rig.startBoard("--flash", path.join(folder, "flash"), "--health-ms", "100");
  const answer = async () => {
    await add.waitForService(10_000);
    return Number((await add.call({ a: 20n, b: 22n }, 2000))["sum"]);
  };
  const settled = async () => {
    let sum = 0;
    await expect.poll(async () => (sum = await answer()), { timeout: 20_000 }).toBeGreaterThan(0);
    return sum;
  };

  beforeAll(async () => {
    const kind = { target: "qemu_riscv32", appFlash: true } as const;
    rig = await Rig.build("examples/add_two_ints", kind);
    apps = {
      1042: await buildSource("plus", addTwoInts(1000)),
      2042: await buildSource("more", addTwoInts(2000)),
    };
    rig.connectDirectly();
    board = startBoard();
    rig.startAgent();
    network = await rig.openNetwork();
    add = createClient(network, "/add_two_ints", "example_interfaces/srv/AddTwoInts");
  });
  afterAll(async () => {
    await network.close();
    await endAll();
    rig.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it("keeps the app that was deployed over a restart", async () => {
    expect(await settled()).toBe(42);
    const service = new DeployService(network, KEY);
    await service.waitForBoard(10_000);
    const begin = performance.now();
    await new Deployment(service, { wasm: readFileSync(apps[1042] ?? "") }).run();
    deploymentMs = performance.now() - begin;
    service.close();
    expect(await settled()).toBe(1042);
    await board.kill();
    board = startBoard();
    expect(await settled()).toBe(1042);
  });

  it(`has the old or the new app after each of ${CUTS} power cuts in a deployment`, async () => {
    let old = 1042;
    const ends = { old: 0, new: 0 };
    for (let cut = 0; cut < CUTS; cut++) {
      const next = old === 1042 ? 2042 : 1042;
      const service = new DeployService(network, KEY);
      await service.waitForBoard(10_000);
      const wasm = readFileSync(apps[next] ?? "");
      const deployment = new Deployment(service, { wasm }).run().catch(() => undefined);
      await Promise.race([setTimeout(Math.random() * deploymentMs), deployment]);
      await board.kill();
      service.close();
      board = startBoard();
      const sum = await settled();
      expect([old, next]).toContain(sum);
      ends[sum === next ? "new" : "old"]++;
      old = sum;
    }
    console.info(
      `a deployment takes ${deploymentMs.toFixed()} ms; after a cut: the old app ${ends.old} times, the new one ${ends.new} times`,
    );
  });
});
