import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DeployService } from "../../cli/deploy-service.js";
import { Deployment } from "../../cli/deploy-transfer.js";
import type { ServiceClient } from "../../cli/service-client.js";
import type { RtpsNetwork } from "../../host-agent/src/rtps/network.js";
import { addTwoInts, buildSource, padded } from "./deploy-apps.js";
import { endAll, type RunningProcess } from "./process.js";
import { createClient, Rig } from "./rig.js";

/** Boards side by side, each in a domain of its own; most of the time is waiting. */
const BOARDS = 4;
const CUTS = 50;
/** Writes and erases of a deployment, its trial among them; the app has about 13 parts and 4 blocks. */
const OPERATIONS = 24;
/** Longer than a deployment to this board takes from its first request to its confirmation. */
const DEPLOYMENT_MS = 260;
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

  /** Which app runs, by its answer: 0, 1000 or 2000. A call that the cut before took with it is made again. */
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
  private async cut(board: RunningProcess, wasm: Uint8Array, killed: boolean): Promise<void> {
    const service = new DeployService(this.network, KEY);
    await service.waitForBoard(10_000);
    const deployment = new Deployment(service, { wasm }).run().catch(() => undefined);
    if (killed) setTimeout(() => void board.kill(), this.random(DEPLOYMENT_MS));
    await Promise.race([board.exited, deployment.then(() => board.kill())]);
    await board.exited;
    service.close();
  }

  /** @returns how often the new app came up */
  async live(apps: readonly Uint8Array[]): Promise<number> {
    let old = 0;
    let wanted = 0;
    let news = 0;
    for (let i = 0; i <= CUTS; i++) {
      const killed = i % 2 === 0;
      const board = await this.start(...(killed ? [] : ["--flash-cut", String(1 + this.random(OPERATIONS))]));
      const now = await this.running();
      expect([old, wanted], `start ${i}`).toContain(now);
      if (now === wanted) news++;
      old = now;
      wanted = now === 1000 ? 2000 : 1000;
      if (i < CUTS) await this.cut(board, padded(apps[wanted / 1000 - 1] as Uint8Array, i), killed);
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
    for (const offset of [1000, 2000]) {
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
