/**
 * CDR of every message of the common interfaces and test_msgs, parts of services and actions included, against rclpy:
 * random values lean towards the edges of their types (cdr_values.py). Seed: ROSEHIP_SEED, or one that is printed.
 */
import { execFile } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { MessageCodec, type MessageValue } from "../../toolchain/interface/codec.js";
import { messagesOf } from "../../toolchain/interface/definition.js";
import { InterfaceLibrary } from "../../toolchain/interface/library.js";
import { compileRoundTrip, type RoundTrip } from "../assembly/cdr/round-trip.js";
import { fromJson, toJson } from "./cdr-values.js";
import { DISTROS, type Distro, rosEnvironment, rosVenv } from "./ros2.js";

const seed = Number(process.env["ROSEHIP_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const MESSAGES_PER_TYPE = 12;
const script = fileURLToPath(new URL("./cdr_values.py", import.meta.url));

interface Line {
  readonly type: string;
  readonly value: MessageValue;
  /** Encapsulation header and body. */
  readonly cdr: Uint8Array;
}

describe.each(DISTROS)("CDR against rclpy, ROS 2 %s", (distro) => {
  let venv: string;
  let library: InterfaceLibrary;
  let lines: Line[];
  const codecs = new Map<string, MessageCodec>();
  const codec = (type: string) => {
    const known = codecs.get(type) ?? new MessageCodec(library, type);
    codecs.set(type, known);
    return known;
  };

  beforeAll(async () => {
    venv = await rosVenv(distro);
    library = new InterfaceLibrary([{ name: distro, folder: path.join(venv, "share") }]);
    const output = await python(venv, distro, ["emit", String(seed), String(MESSAGES_PER_TYPE)], "");
    lines = output
      .trimEnd()
      .split("\n")
      .map((line) => {
        const { type, value, cdr } = JSON.parse(line) as { type: string; value: unknown; cdr: string };
        return { type, value: fromJson(library, type, value), cdr: Buffer.from(cdr, "hex") };
      });
    console.log(
      `${distro}: ${lines.length} messages of ${new Set(lines.map(({ type }) => type)).size} types, seed ${seed}`,
    );
  });

  test("the messages are those of all definition files", () => {
    const defined = library
      .packages()
      .flatMap((name) => library.typesIn(name))
      .flatMap((type) => messagesOf(library.file(type)?.definition ?? unreachable(type)))
      .map(({ typeName }) => typeName);
    expect([...new Set(lines.map(({ type }) => type))].sort()).toEqual(defined.sort());
    expect(defined.length).toBeGreaterThan(290);
  });

  test("host decodes what rclpy serializes to the same values", () => {
    for (const { type, value, cdr } of lines) {
      expect(codec(type).decode(cdr.subarray(4)), `${type}, seed ${seed}`).toEqual(value);
    }
  });

  test("host encodes the same octets as rclpy", () => {
    for (const { type, value, cdr } of lines) {
      expectBeginning(cdr, codec(type).encode(value), `${type}, seed ${seed}`);
    }
  });

  /** The first message of each type is as its class makes it. */
  const defaults = () => new Map([...lines].reverse().map((line) => [line.type, line] as const)).values();

  test("a message without values has the defaults of rclpy", () => {
    for (const { type, cdr } of defaults()) expectBeginning(cdr, codec(type).encode({}), type);
  });

  test("rclpy reads big- and little-endian octets of the host as the same values", async () => {
    const both = lines.flatMap(({ type, value }) =>
      [true, false].map((littleEndian) => {
        const header = Buffer.from(littleEndian ? "00010000" : "00000000", "hex");
        const cdr = Buffer.concat([header, codec(type).encode(value, littleEndian)]).toString("hex");
        return JSON.stringify({ type, value: toJson(library, type, value), cdr });
      }),
    );
    const result = JSON.parse(await python(venv, distro, ["check"], both.join("\n"))) as unknown;
    expect(result, `seed ${seed}`).toEqual({ checked: lines.length * 2, different: [] });
  });

  describe("AssemblyScript", () => {
    let assembly: RoundTrip;

    beforeAll(async () => {
      assembly = await compileRoundTrip(library.sources, [...new Set(lines.map(({ type }) => type))]);
    });

    test("reads and writes the same octets as rclpy", () => {
      for (const { type, value, cdr } of lines) {
        const written = assembly.run(type, cdr.subarray(4));
        expectBeginning(cdr, written, `${type}, seed ${seed}`);
        expect(written.byteLength, type).toBe(codec(type).encode(value).byteLength);
      }
    });

    test("a new message has the defaults of rclpy", () => {
      for (const { type, value, cdr } of defaults()) {
        const written = assembly.defaults(type);
        expectBeginning(cdr, written, type);
        expect(written.byteLength, type).toBe(codec(type).encode(value).byteLength);
      }
    });

    test("reads big-endian octets and writes the same as rclpy", () => {
      for (const { type, value, cdr } of lines) {
        const written = assembly.run(type, codec(type).encode(value, false), false);
        expectBeginning(cdr, written, `${type}, seed ${seed}`);
        expect(written.byteLength, type).toBe(codec(type).encode(value).byteLength);
      }
    });
  });
});

/**
 * rclpy's buffer may be longer than the message: it has the size estimated before. That the host's octets are a whole
 * message is what rclpy reading them shows.
 */
function expectBeginning(cdr: Uint8Array, written: Uint8Array, hint: string): void {
  expect(hex(cdr.subarray(4, 4 + written.byteLength)), hint).toBe(hex(written));
}

function hex(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString("hex");
}

function unreachable(type: string): never {
  throw new Error(`${type} is listed and not there`);
}

function python(venv: string, distro: Distro, args: readonly string[], input: string): Promise<string> {
  const env = {
    ...rosEnvironment(venv, distro === "jazzy" ? 40 : 41),
    // Fast CDR does not write padding; with these glibc hands out zeroed memory, so that all octets can be compared.
    MALLOC_PERTURB_: "255",
    GLIBC_TUNABLES: "glibc.malloc.tcache_count=0",
  };
  return new Promise((resolve, reject) => {
    const options = { env, maxBuffer: 1 << 30 };
    const child = execFile(path.join(venv, "bin", "python"), [script, ...args], options, (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(error);
    });
    child.stdin?.end(input);
  });
}
