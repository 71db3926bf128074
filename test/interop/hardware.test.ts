/** The examples with hardware, on boards with simulated pins and buses, and their rclpy twins. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { endAll, type RunningProcess } from "../system/process.js";
import { Rig } from "../system/rig.js";
import { freshDomain } from "../worker.js";
import { startRclpy } from "./rclpy.js";
import { DISTROS } from "./ros2.js";

const built = new Map<string, Rig>();
beforeAll(async () => {
  for (const example of ["led", "thermometer"]) {
    built.set(example, await Rig.build(`examples/${example}`));
  }
});
afterAll(() => {
  for (const rig of built.values()) rig.remove();
});

describe.each(DISTROS)("with rclpy of %s", (distro) => {
  const rigs: Rig[] = [];
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), "rosehip-sensor-"));
  });
  afterEach(async (context) => {
    await endAll(context);
    for (const rig of rigs.splice(0)) rig.remove();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function startBoard(example: string): { board: RunningProcess; domain: number } {
    const rig = built.get(example)?.another();
    if (rig === undefined) throw new Error(`no rig of ${example}`);
    rigs.push(rig);
    const board = rig.startBoard("--pins");
    rig.connectDirectly();
    rig.startAgent();
    return { board, domain: rig.domain };
  }

  it("a client switches the pin of the led", async () => {
    const { board, domain } = startBoard("led");
    const caller = await startRclpy(distro, domain, "example_calls.py", "led");
    await caller.waitFor(/^\{.*\}$/, 60_000);
    expect(board.lines.filter((line) => line.startsWith("pin"))).toEqual(["pin 2: 1", "pin 2: 0"]);
  });

  /** What temperatures.py hears while the sensor is at one temperature, then at another. */
  async function hears(domain: number, set: (millidegrees: number) => void): Promise<unknown[]> {
    const listener = await startRclpy(distro, domain, "temperatures.py");
    set(25_500);
    await listener.waitFor(/"temperature": 25\.5/, 60_000);
    set(-10_125);
    await listener.waitFor(/"temperature": -10\.125/, 60_000);
    return listener.lines.map((line) => JSON.parse(line) as unknown);
  }

  const message = { variance: 0, frame: "thermometer", fresh: true };
  const expected = [
    { temperature: 25.5, ...message },
    { temperature: -10.125, ...message },
  ];

  it("a subscription hears the thermometer of the board", async () => {
    const { board, domain } = startBoard("thermometer");
    await board.waitFor(/no temperature: no acknowledgement/, 30_000);
    const heard = await hears(domain, (millidegrees) => {
      const register = Math.round((millidegrees * 256) / 1000);
      board.write(`i2c 0 0x48 0 ${(register >> 8) & 0xff} ${register & 0xff}\n`);
    });
    expect(heard).toEqual(expected);
  });

  it("a subscription hears the same of the twin", async () => {
    const sensor = path.join(folder, "temp1_input");
    const domain = freshDomain();
    const twin = await startRclpy(distro, domain, "twins/thermometer.py", sensor);
    await twin.waitFor(/no temperature: No such file/, 30_000);
    const heard = await hears(domain, (millidegrees) => writeFileSync(sensor, `${millidegrees}\n`));
    expect(heard).toEqual(expected);
  });
});
