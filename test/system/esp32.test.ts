/** The ESP32 port with a real agent, on the fake chip of test/firmware/esp_idf/host. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { ServiceClient } from "../../cli/service-client.js";
import type { RtpsNetwork } from "../../host-agent/src/rtps/network.js";
import { buildApp } from "../../toolchain/build/build.js";
import { buildLine } from "../../toolchain/firmware/firmware.js";
import { projectFile } from "../../toolchain/project.js";
import { buildOnHost } from "../firmware/esp_idf.js";
import { workerFolder } from "../worker.js";
import { freeTcpPort, freeUdpPort } from "./agent.js";
import type { BoardCommand, BoardMaker } from "./boards.js";
import { endAll, RunningProcess } from "./process.js";
import { createClient, Rig, timeUntil } from "./rig.js";

const START_LIMIT_MS = 20_000;
/** What the reconnection of every board is held to; see reconnect.test.ts. */
const WITHIN_MS = 2000;

class FakeChips implements BoardMaker {
  constructor(
    private readonly firmware: string,
    private readonly app: string,
  ) {}

  start(end: string, options: readonly string[], domain: number): BoardCommand {
    return this.startAt("--pty", end, options, domain);
  }

  startAt(link: string, address: string, options: readonly string[], domain: number): BoardCommand {
    // Pointers of this computer are twice as long as the chip's.
    const board = ["--key", "0BADCAFE", "--domain", String(domain), "--arena", "262144", "--app", this.app];
    return { command: this.firmware, args: [link, address, ...board, ...options] };
  }
}

describe("the ESP32 port", () => {
  let rig: Rig;
  let chips: FakeChips;
  let network: RtpsNetwork;
  let client: ServiceClient;
  let folder: string;

  beforeAll(async () => {
    const outDir = workerFolder("esp32");
    const { wasmPath } = await buildApp({ entry: projectFile("test/system/apps/esp32"), outDir });
    chips = new FakeChips(await buildOnHost(), wasmPath);
    rig = new Rig(chips, (await buildLine()).path);
    network = await rig.openNetwork();
    client = createClient(network, "/add_two_ints", "example_interfaces/srv/AddTwoInts");
    folder = mkdtempSync(path.join(tmpdir(), "rosehip-esp32-"));
    return async () => {
      client.close();
      await network.close();
      rig.remove();
      rmSync(folder, { recursive: true, force: true });
    };
  });
  afterEach(endAll);

  const answers = (limitMs: number) =>
    timeUntil(async (each) => {
      await client.waitForService(each);
      expect(await client.call({ a: 40n, b: 2n }, each)).toEqual({ sum: 42n });
    }, limitMs);

  /** Starts the agent twice with a board that stays, and calls. */
  const callThroughRestart = async (startAgent: () => RunningProcess) => {
    for (let run = 0; run < 2; run++) {
      const agent = startAgent();
      await agent.waitFor(/listening/, START_LIMIT_MS);
      expect(await answers(START_LIMIT_MS)).toBeLessThan(WITHIN_MS);
      for (let i = 0; i < 50; i++)
        expect(await client.call({ a: BigInt(i), b: 1n }, 5000)).toEqual({ sum: BigInt(i + 1) });
      await agent.kill("SIGKILL");
    }
  };

  const rosehip = (...args: string[]) =>
    new RunningProcess(
      "rosehip",
      process.execPath,
      [projectFile("dist/cli/main.js"), ...args],
      rig.environment(),
    );
  const agent = (...args: string[]) => rosehip("agent", ...args);

  const startAt = (link: string, address: string, ...options: string[]) => {
    const { command, args } = chips.startAt(link, address, options, rig.domain);
    return new RunningProcess("board", command, args);
  };

  it("answers over a UART, where the loop never waits for room", async () => {
    rig.connectDirectly();
    const board = rig.startBoard("--baud", "921600");
    await callThroughRestart(() => rig.startAgent());
    await board.kill("SIGTERM");
    await board.waitFor(/^waits of the UART: 0$/);
    // The console is on the same UART: it tells what is missing before the link begins, and is silent from then on.
    expect(board.lines.filter((line) => /rosehip/.test(line))).toEqual([
      "W rosehip: NVS: ESP_ERR; the app has no storage",
      'W rosehip: there is no data partition "apps": apps cannot be deployed',
    ]);
  });

  it("answers over USB", async () => {
    const end = path.join(folder, "usb");
    startAt("--usb", end);
    await callThroughRestart(() => agent("serial", "--dev", end));
  });

  it.each([
    ["udp4", "--udp", "127.0.0.1", freeUdpPort],
    ["tcp4", "--tcp", "localhost", freeTcpPort],
  ])("answers over %s, when there is a network", async (transport, link, host, freePort) => {
    const port = await freePort();
    startAt(link, `${host}:${port}`);
    await callThroughRestart(() => agent(transport, "--port", String(port)));
  });

  it("keeps what the app stores, and has its console when the link is another UART", async () => {
    for (const start of [1, 2]) {
      const board = startAt(
        "--pty",
        path.join(folder, "uart1"),
        "--uart",
        "1",
        "--nvs",
        path.join(folder, "nvs"),
      );
      await board.waitFor(new RegExp(`^I rosehip: \\[chip\\] start ${start}$`));
      await board.kill("SIGKILL");
    }
  });

  it("takes an app by rosehip deploy into its partition, and has it after a restart", async () => {
    const outDir = workerFolder("add_two_ints");
    const { wasmPath } = await buildApp({ entry: projectFile("examples/add_two_ints"), outDir });
    const end = path.join(folder, "deploy");
    const start = () =>
      startAt("--pty", end, "--uart", "1", "--baud", "921600", "--apps", path.join(folder, "apps"));
    const board = start();
    await board.waitFor(/^I rosehip: \[chip\] /);
    const deploy = rosehip("deploy", "--dev", end, "--baudrate", "921600", wasmPath);
    expect(await deploy.exited, deploy.transcript()).toBe(0);
    await board.kill("SIGKILL");
    const again = start();
    const listener = agent("serial", "--dev", end);
    await answers(START_LIMIT_MS);
    await again.waitFor(/^I rosehip: \[minimal_service\] Incoming request: a=40, b=2$/);
    await listener.kill("SIGKILL");
  });
});
