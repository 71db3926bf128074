import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DeployService, SLOT } from "../../cli/deploy-service.js";
import { Deployment } from "../../cli/deploy-transfer.js";
import type { ServiceClient } from "../../cli/service-client.js";
import type { RtpsNetwork } from "../../host-agent/src/rtps/network.js";
import { addTwoInts, buildSource, padded } from "./deploy-apps.js";
import { endAll, type RunningProcess } from "./process.js";
import { createClient, Rig } from "./rig.js";

/** Boards side by side, each in a domain of its own; most of the time is waiting. */
const BOARDS = 4;
const CUTS = 50;
/** Some more than the writes and erases of a deployment and its trial: about 13 parts, 4 blocks, 4 others. */
const OPERATIONS = 30;
const KEY = "0badcafe";

/** Park and Miller's generator, from 1 to 2^31 - 2. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48271) % 0x7fffffff;
    return state % below;
  };
}

/** One board whose power fails again and again. */
class Board {
  private readonly add: ServiceClient;
  /** Of a deployment that nothing disturbs: the first one. */
  private deploymentMs = 0;

  constructor(
    private readonly rig: Rig,
    private readonly network: RtpsNetwork,
    private readonly flash: string,
    private readonly random: (below: number) => number,
  ) {
    this.add = createClient(network, "/add_two_ints", "example_interfaces/srv/AddTwoInts");
  }

  /** If the cut is in what a start itself writes, the next start is the one that counts. */
  private async start(...options: string[]): Promise<RunningProcess> {
    const board = this.rig.startBoard("--flash", this.flash, "--health-ms", "50", ...options);
    try {
      await board.waitFor(/connected to the agent/, 20_000);
      return board;
    } catch (error) {
      if (options.length === 0) throw error;
      return this.start();
    }
  }

  /** Which app runs, by its answer: 0, 1000, 2000 or 3000. A call that the cut before took with it is made again. */
  private async running(): Promise<number> {
    for (let attempt = 0; ; attempt++) {
      try {
        await this.add.waitForService(10_000);
        return Number((await this.add.call({ a: 0n, b: 0n }, 250))["sum"]);
      } catch (error) {
        if (attempt === 40) throw error;
      }
    }
  }

  /** Deploys until the board is gone: its power fails inside a write or erase, or it is killed from outside. */
  private async cut(
    board: RunningProcess,
    service: DeployService,
    wasm: Uint8Array,
    killed: boolean,
  ): Promise<void> {
    const begin = performance.now();
    const deployment = new Deployment(service, { wasm }).run().catch(() => undefined);
    if (killed && this.deploymentMs > 0) {
      setTimeout(() => void board.kill(), this.random(Math.ceil(1.3 * this.deploymentMs)));
    }
    await Promise.race([board.exited, deployment.then(() => board.kill())]);
    if (this.deploymentMs === 0) this.deploymentMs = performance.now() - begin;
    await board.exited;
  }

  /** Whether the app that runs is still on trial, so that power that fails now brings the one before it back. */
  private async isOnTrial(service: DeployService): Promise<boolean> {
    await service.waitForBoard(10_000);
    const { slots } = await service.ask("info");
    return slots.some(({ state }) => state === SLOT.trial);
  }

  /** @returns how often the new app came up */
  async live(apps: readonly Uint8Array[]): Promise<number> {
    let running = 0;
    let allowed = [0];
    let news = 0;
    for (let i = 0; i <= CUTS; i++) {
      const killed = i % 2 === 0;
      const board = await this.start(...(killed ? [] : ["--flash-cut", String(1 + this.random(OPERATIONS))]));
      const before = running;
      running = await this.running();
      expect(allowed, `start ${i}`).toContain(running);
      if (running !== before) news++;
      const service = new DeployService(this.network, KEY);
      const next = (running % 3000) + 1000;
      allowed = [running, next, ...((await this.isOnTrial(service)) ? [before] : [])];
      if (i < CUTS) await this.cut(board, service, padded(apps[next / 1000 - 1] as Uint8Array, i), killed);
      service.close();
    }
    return news;
  }
}

describe("power that fails while an app is deployed", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "rosehip-power-"));
  const seed = 1 + Math.floor(Math.random() * 1_000_000);
  const rigs: Rig[] = [];
  const networks: RtpsNetwork[] = [];
  let apps: Uint8Array[];

  beforeAll(async () => {
    const first = await Rig.build("examples/add_two_ints");
    apps = [];
    // Three, so that the one that is overwritten, neither old nor new, is told from both.
    for (const offset of [1000, 2000, 3000]) {
      apps.push(readFileSync(await buildSource(`plus${offset}`, addTwoInts(offset))));
    }
    for (let i = 0; i < BOARDS; i++) {
      const rig = i === 0 ? first : first.another();
      rig.connectDirectly();
      rig.startAgent();
      rigs.push(rig);
      networks.push(await rig.openNetwork());
    }
  });
  afterAll(async () => {
    await Promise.all(networks.map((network) => network.close()));
    await endAll();
    for (const rig of rigs) rig.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it(`${BOARDS * CUTS} times: each start comes up with the old app or the new one, and answers (seed ${seed})`, async () => {
    const lives = rigs.map((rig, i) => {
      const flash = path.join(folder, `flash${i}`);
      return new Board(rig, networks[i] as RtpsNetwork, flash, randomNumbers(seed + i)).live(apps);
    });
    const news = (await Promise.all(lives)).reduce((sum, one) => sum + one);
    console.info(`${BOARDS * CUTS} cuts: ${news} times the new app came up`);
    expect(news).toBeGreaterThan((BOARDS * CUTS) / 20);
    expect(news).toBeLessThan(BOARDS * CUTS * 0.95);
  }, 300_000);
});
