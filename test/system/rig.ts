import { existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ServiceClient } from "../../cli/service-client.js";
import { serviceTypes } from "../../cli/service-types.js";
import { openRtpsNetwork, type RtpsNetwork } from "../../host-agent/src/rtps/network.js";
import { buildApp } from "../../toolchain/build/build.js";
import { buildLine } from "../../toolchain/firmware/firmware.js";
import { projectFile } from "../../toolchain/project.js";
import { freshDomain, releaseDomain, workerFolder } from "../worker.js";
import { type BoardCommand, type BoardMaker, boardMaker, type MakerOptions, NativeBoards } from "./boards.js";
import { RunningProcess } from "./process.js";

/** Paths of app.wasm by their sources; those do not change while a test file runs. */
const apps = new Map<string, Promise<string>>();

function builtApp(app: string): Promise<string> {
  const known = apps.get(app);
  if (known !== undefined) return known;
  const outDir = workerFolder(path.basename(app));
  const built = buildApp({ entry: projectFile(app), outDir }).then(({ wasmPath }) => wasmPath);
  apps.set(app, built);
  return built;
}

/** What a damaged or slow line does; see test/system/line/line.c. */
export interface LineOptions {
  readonly damage?: number;
  readonly loss?: number;
  readonly noise?: number;
  readonly baud?: number;
  readonly seed?: number;
}

const AGENT = projectFile("dist/cli/main.js");

/**
 * Firmware, agent and what is between them, each a process of its own:
 *
 *     board (firmware --pty, or QEMU) === line (two ptys) === agent (rosehip agent serial)
 *
 * Paths stay the same over restarts, as /dev/ttyUSB0 does.
 */
export class Rig {
  private readonly folder = mkdtempSync(path.join(tmpdir(), "rosehip-rig-"));
  readonly boardEnd = path.join(this.folder, "board");
  readonly agentEnd = path.join(this.folder, "agent");
  private agentRuns = 0;
  private boardRuns = 0;

  constructor(
    private readonly boards: BoardMaker,
    private readonly line: string,
    readonly domain = freshDomain(),
  ) {}

  /** Builds what is needed. `app` is a folder with app.ts; by default for this computer and with the interpreter. */
  static async build(app: string, options: MakerOptions = {}): Promise<Rig> {
    if (!existsSync(AGENT)) throw new Error("dist/ is missing: run `npm run build` (npm test does)");
    const line = await buildLine();
    const boards = await boardMaker(await builtApp(app), options);
    return new Rig(boards, line.path, boards.domain);
  }

  /** Another one of the same make, with ends of its own and in a domain where nobody has been. */
  another(): Rig {
    return new Rig(this.boards, this.line, this.boards.domain);
  }

  environment(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      ROS_DOMAIN_ID: String(this.domain),
      ROS_AUTOMATIC_DISCOVERY_RANGE: "LOCALHOST",
      NO_COLOR: "1",
    };
  }

  private title(what: string, run: number): string {
    return `${what}${run > 1 ? ` ${run}` : ""}`;
  }

  /** Node with a script and arguments, in the board's domain. */
  run(title: string, script: string, ...args: string[]): RunningProcess {
    return new RunningProcess(title, process.execPath, [script, ...args], this.environment());
  }

  /** The board behind its own end of the line. */
  startBoard(...options: string[]): RunningProcess {
    return this.switchOn(this.boards.start(this.boardEnd, options, this.domain));
  }

  /** A board on this computer, on any link. */
  startBoardAt(link: string, address: string, ...options: string[]): RunningProcess {
    if (!(this.boards instanceof NativeBoards)) throw new Error(`an emulated board has no ${link}`);
    return this.switchOn(this.boards.startAt(link, address, options));
  }

  private switchOn({ command, args }: BoardCommand): RunningProcess {
    return new RunningProcess(this.title("board", ++this.boardRuns), command, args, this.environment());
  }

  /** Between the two ends; without it, `connectDirectly` makes them one. */
  async startLine({ damage, loss, noise, baud, seed = 1 }: LineOptions): Promise<RunningProcess> {
    const wish = { damage, loss, noise, baud, seed };
    const options = Object.entries(wish).flatMap(([name, value]) =>
      value === undefined ? [] : [`--${name}`, String(value)],
    );
    const line = new RunningProcess("line", this.line, [
      "--device",
      ...options,
      this.agentEnd,
      this.boardEnd,
    ]);
    await line.waitFor(/^ready /);
    return line;
  }

  connectDirectly(): void {
    symlinkSync(this.boardEnd, this.agentEnd);
  }

  startAgent(...options: string[]): RunningProcess {
    return this.startAgentWith([], ...options);
  }

  /** @param nodeOptions of Node itself, before the agent's */
  startAgentWith(nodeOptions: readonly string[], ...options: string[]): RunningProcess {
    const args = [...nodeOptions, AGENT, "agent", "serial", "--dev", this.agentEnd, "-v", "5", ...options];
    return new RunningProcess(
      this.title("agent", ++this.agentRuns),
      process.execPath,
      args,
      this.environment(),
    );
  }

  /** A participant of this test's own, in the board's domain. */
  openNetwork(): Promise<RtpsNetwork> {
    return openRtpsNetwork({ domainId: this.domain, range: "LOCALHOST" });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
    releaseDomain(this.domain);
  }
}

export interface AddTwoInts {
  readonly a: bigint;
  readonly b: bigint;
}

export function createClient(network: RtpsNetwork, service: string, type: string): ServiceClient {
  return new ServiceClient(network, `test_client_${process.pid}`, service, serviceTypes(type));
}

/** Milliseconds from now until `attempt` first succeeds; each try has `eachMs`. @throws after `limitMs` */
export async function timeUntil(
  attempt: (ms: number) => Promise<unknown>,
  limitMs: number,
  eachMs = 250,
): Promise<number> {
  const begin = performance.now();
  for (;;) {
    try {
      await attempt(eachMs);
      return performance.now() - begin;
    } catch (error) {
      if (performance.now() - begin > limitMs) throw error;
    }
  }
}
