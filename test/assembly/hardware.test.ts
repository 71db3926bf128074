import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { SimulatedBoard } from "../../simulation/board.js";
import type { Hardware } from "../../simulation/hardware/hardware.js";
import { I2cRegisters } from "../../simulation/hardware/i2c.js";
import type { SpiSettings } from "../../simulation/hardware/spi.js";
import { Random } from "../../simulation/random.js";
import { Simulation } from "../../simulation/simulation.js";
import type { BuildResult } from "../../toolchain/build/build.js";
import { boardWith, buildTestApp, call, runRequest, runResponse } from "./run-service.js";

interface GoalStatusArray {
  readonly status_list: readonly {
    readonly goal_info: { readonly goal_id: { readonly uuid: Uint8Array } };
  }[];
}

let app: BuildResult;
let board: SimulatedBoard;
let hardware: Hardware;
const command = (name: string, value = 0) => call(board, "/hardware", name, BigInt(value));
const lines = () => board.logs.filter(({ logger }) => logger === "hardware").map(({ message }) => message);

/** The app runs again after it refused: why. */
async function refusal(name: string, value = 0): Promise<string> {
  expect(await command(name, value)).toMatchObject({ success: false });
  return board.traps.at(-1) ?? "";
}

beforeAll(async () => {
  app = await buildTestApp("hardware", 65_536);
});

beforeEach(() => {
  board = boardWith(app);
  hardware = board.firmware.hardware;
  hardware.onChange = () => board.settle();
});

describe("outputs", () => {
  it("drive their pin", async () => {
    await command("output", 2);
    expect(hardware.pin(2)).toMatchObject({ mode: "output", value: 0 });
    await command("write", 1);
    expect(hardware.pin(2).value).toBe(1);
    expect((await command("read output")).value).toBe(1n);
    await command("toggle");
    expect(hardware.pin(2).value).toBe(0);
    await command("output high", 3);
    expect(hardware.pin(3).value).toBe(1);
  });

  it("with an open drain let go of the line", async () => {
    await command("open drain", 4);
    expect(hardware.pin(4)).toMatchObject({ mode: "output open drain", value: 1 });
    hardware.pin(4).set(0);
    expect((await command("read output")).value).toBe(0n);
    hardware.pin(4).release();
    await command("toggle");
    expect(hardware.pin(4).value).toBe(0);
    await command("toggle");
    expect(hardware.pin(4).value).toBe(1);
  });

  it("are let go when the app ends", async () => {
    await command("output high", 2);
    await command("pwm", 5);
    await command("duty", 500);
    expect(await refusal("output", 64)).toContain("pin 64");
    expect(hardware.pin(2)).toMatchObject({ mode: "input", value: 0 });
    expect(hardware.pin(5).pwm).toBeUndefined();
  });

  it("refuse a pin that the board does not have", async () => {
    const reason = "there is none for apps on this board, or a value is out of range";
    expect(await refusal("output", 64)).toBe(`pin 64: ${reason}`);
    expect(await refusal("output", -1)).toBe(`pin -1: ${reason}`);
    expect(await refusal("analog", 64)).toBe(`analog pin 64: ${reason}`);
    expect(await refusal("pwm", 64)).toBe(`PWM pin 64: ${reason}`);
    expect(await refusal("i2c", 2)).toBe(`I2C bus 2: ${reason}`);
  });
});

describe("inputs", () => {
  it("read what drives or pulls them", async () => {
    await command("input", 0);
    expect((await command("read")).value).toBe(0n);
    hardware.pin(0).set(1);
    expect((await command("read")).value).toBe(1n);
    await command("pull up", 1);
    expect((await command("read")).value).toBe(1n);
    hardware.pin(1).set(0);
    expect((await command("read")).value).toBe(0n);
    await command("pull down", 1);
    hardware.pin(1).release();
    expect((await command("read")).value).toBe(0n);
  });

  it("call back for each kind of edge", async () => {
    await command("input", 0);
    for (const [edge, expected] of [
      [1, ["level 1 edges 1"]],
      [2, ["level 0 edges 1"]],
      [3, ["level 1 edges 1", "level 0 edges 1"]],
    ] as const) {
      await command("watch", edge);
      board.logs.length = 0;
      hardware.pin(0).set(1);
      hardware.pin(0).set(1);
      hardware.pin(0).set(0);
      expect(lines()).toEqual(expected);
    }
    await command("stop watching");
    hardware.pin(0).set(1);
    expect(lines()).toHaveLength(2);
    await command("watch", 3);
    await command("input", 0); // made anew
    hardware.pin(0).set(0);
    expect(lines()).toHaveLength(2);
  });

  it("tell edges that came together once, with their number", async () => {
    await command("input", 0);
    await command("watch", 3);
    hardware.pin(0).set(1, 0, 1, 0, 1);
    expect(lines()).toEqual(["level 1 edges 5"]);
    await command("watch", 1);
    hardware.pin(0).set(0, 1, 0);
    expect(lines().at(-1)).toBe("level 0 edges 1");
  });

  it("wait with the next call until the one before is over", async () => {
    await command("pull up", 0);
    await command("watch slowly");
    hardware.pin(0).set(0, 1, 0);
    board.advance(5);
    hardware.pin(0).set(1);
    board.advance(5);
    hardware.pin(0).set(0, 1, 0);
    expect(lines()).toEqual([]);
    board.advance(10);
    expect(lines()).toEqual(["slow 0"]);
    board.advance(100);
    expect(lines()).toEqual(["slow 0", "slow 0"]);
  });

  it("leave requests their turn, however often they change", async () => {
    await command("input", 0);
    await command("watch", 3);
    hardware.onChange = () => undefined;
    const reply = board.request("/hardware", runRequest("read"));
    const kinds: string[] = [];
    for (let i = 0; i < 6; i++) {
      hardware.pin(0).set(1, 0);
      const before = lines().length;
      board.step();
      kinds.push(lines().length > before ? "edges" : "other");
    }
    expect(kinds).toEqual(["edges", "other", "edges", "edges", "edges", "edges"]);
    expect(runResponse(await reply).success).toBe(true);
  });
});

describe("PWM", () => {
  it("has a frequency and a duty", async () => {
    await command("pwm", 5);
    expect(hardware.pin(5).pwm).toEqual({ periodNs: 20_000_000, pulseNs: 0 });
    await command("duty", 250);
    expect(hardware.pin(5).pwm).toEqual({ periodNs: 20_000_000, pulseNs: 5_000_000 });
    await command("frequency", 1000);
    expect(hardware.pin(5).pwm).toEqual({ periodNs: 1_000_000, pulseNs: 250_000 });
    await command("duty", 1500);
    expect(hardware.pin(5).duty).toBe(1);
    await command("duty", -1);
    expect(hardware.pin(5).duty).toBe(0);
  });

  it("has a pulse, for servos", async () => {
    await command("pwm", 5);
    await command("pulse", 1_500_000);
    expect(hardware.pin(5).pwm?.pulseNs).toBe(1_500_000);
    await command("pulse", 30_000_000);
    expect(hardware.pin(5).duty).toBe(1);
  });

  it("refuses a frequency that has no period", async () => {
    await command("pwm", 5);
    expect(await refusal("frequency", 0)).toContain("PWM pin 5");
  });
});

describe("analog inputs", () => {
  it("read the voltage at their pin", async () => {
    hardware.pin(34).setMillivolts(1650);
    expect((await command("analog", 34)).value).toBe(32768n);
    expect((await command("millivolts", 34)).value).toBe(1650n);
    hardware.pin(34).setMillivolts(5000);
    expect((await command("analog", 34)).value).toBe(65535n);
  });
});

describe("I2C", () => {
  it("reads and writes the registers of a device", async () => {
    const device = hardware.i2c(0).attach(0x48, new I2cRegisters({ 1: [0x12, 0x34] }));
    await command("i2c");
    expect(hardware.i2c(0).frequencyHz).toBe(400_000);
    expect((await command("i2c register", 0x48)).message).toBe("18 52");
    expect((await command("i2c write", 0x48)).value).toBe(0n);
    expect([...device.registers.subarray(1, 3)]).toEqual([7, 8]);
    expect((await command("i2c read", 0x48)).message).toBe("0 0");
  });

  it("tells who does not acknowledge", async () => {
    await command("i2c");
    expect(await command("i2c register", 0x48)).toMatchObject({ value: 1n, message: "no acknowledgement" });
    expect((await command("probe", 0x48)).value).toBe(0n);
    hardware.i2c(0).attach(0x48, new I2cRegisters());
    expect((await command("probe", 0x48)).value).toBe(1n);
    hardware.i2c(0).attach(0x48, {
      write: () => {
        throw new Error("busy");
      },
      read: () => new Uint8Array(),
    });
    expect((await command("i2c write", 0x48)).value).toBe(1n);
    expect((await command("i2c read", 0x48)).message).toBe("255 255");
  });

  it("refuses what is out of range", async () => {
    await command("i2c");
    expect(await refusal("i2c write", 128)).toContain("I2C bus 0");
    await command("i2c");
    expect(await refusal("i2c long", 0x48)).toBe("I2C bus 0: transfer too long");
  });
});

describe("SPI", () => {
  it("exchanges octets with the device that is selected", async () => {
    const seen: [number[], SpiSettings][] = [];
    hardware.spi(0).attach(5, {
      transfer: (octets, settings) => {
        seen.push([[...octets], settings]);
        return octets.map((octet) => octet + 1);
      },
    });
    await command("spi", 5);
    expect((await command("spi transfer")).message).toBe("2 3");
    expect((await command("spi write")).value).toBe(0n);
    const settings = { mode: 3, frequencyHz: 2_000_000 };
    expect(seen).toEqual([
      [[1, 2], settings],
      [[9, 8, 7], settings],
    ]);
    await command("spi", 6);
    expect((await command("spi transfer")).message).toBe("255 255");
  });
});

describe("storage", () => {
  const again = () => boardWith(app, { storage: board.firmware.storage.values });

  it("gives values of all types back after a restart", async () => {
    await command("set i32", -5);
    await command("set f64", 3);
    await command("set bool", 1);
    await command("set string", 2);
    await command("set octets", 3);
    board = again();
    expect((await command("get i32")).value).toBe(-5n);
    expect((await command("get f64")).message).toBe("0.75");
    expect((await command("get bool")).value).toBe(1n);
    expect((await command("get string")).message).toBe("grüßegrüße");
    expect((await command("get octets")).message).toBe("1 2 3");
  });

  it("gives the fallback without a value", async () => {
    expect((await command("get i32")).value).toBe(-1n);
    expect((await command("get string")).message).toBe("none");
    expect((await command("get octets")).message).toBe("");
    expect((await command("has")).value).toBe(0n);
    expect(board.logs).toEqual([]);
  });

  it("forgets what is removed", async () => {
    await command("set i32", 7);
    expect((await command("has")).value).toBe(1n);
    expect((await command("remove")).message).toBe("");
    expect((await command("has")).value).toBe(0n);
    await command("set string", 1);
    await command("set string", 0);
    expect((await command("get string")).message).toBe("none");
  });

  it("says what is of another type or too large, and refuses a key that is none", async () => {
    await command("set i32", 7);
    expect((await command("get as i64")).value).toBe(-1n);
    expect(board.logs.at(-1)?.message).toBe("i32 cannot be read: it is of another type");
    expect((await command("set string", 600)).message).toBe("storage: string is not stored: it is too large");
    expect((await command("long key", 64)).message).toBe("");
    expect(await refusal("long key", 65)).toContain("a key has 1 to 64 octets");
    expect(await refusal("long key", 0)).toContain("a key has 1 to 64 octets");
    expect(await refusal("bad key")).toContain("does not begin with a slash");
  });
});

describe("random numbers", () => {
  /** IDs of the goals that fibonacci_client has sent. */
  async function goals(seed: number): Promise<string[]> {
    const simulation = new Simulation({ seed });
    const server = await simulation.add("examples/fibonacci");
    const ids = new Set<string>();
    const states = server.subscribe("/fibonacci/_action/status", "action_msgs/msg/GoalStatusArray");
    await simulation.add("examples/fibonacci_client");
    simulation.advance(20_000);
    for (const { status_list } of states.received as unknown as GoalStatusArray[]) {
      for (const { goal_info } of status_list) ids.add(Buffer.from(goal_info.goal_id.uuid).toString("hex"));
    }
    return [...ids];
  }

  it("are what Math.random begins with", async () => {
    const values = async (seed: number) => {
      board = boardWith(app, { random: new Random(seed) });
      return [(await command("random")).value, (await command("random")).value];
    };
    const first = await values(1);
    expect(await values(1)).toEqual(first);
    expect(new Set([...first, ...(await values(2))]).size).toBe(4);
  });

  it("are those of the simulation's seed", async () => {
    const first = await goals(1);
    expect(first).toHaveLength(2);
    expect(await goals(1)).toEqual(first);
    expect(await goals(2)).not.toEqual(first);
  });
});

describe("a simulated board", () => {
  it("has no pin or bus beyond its last", () => {
    expect(() => hardware.pin(64)).toThrow("there is no pin 64");
    expect(() => hardware.i2c(2)).toThrow("there is no I2C bus 2");
    expect(() => hardware.spi(-1)).toThrow("there is no SPI bus -1");
    expect(() => hardware.pin(0).setMillivolts(-1)).toThrow("-1 mV at pin 0");
  });
});
