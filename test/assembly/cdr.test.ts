/** CDR and the generated classes in AssemblyScript, run in Node. */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { MessageCodec } from "../../toolchain/interface/codec.js";
import { messagesOf } from "../../toolchain/interface/definition.js";
import { InterfaceLibrary } from "../../toolchain/interface/library.js";
import { projectFile } from "../../toolchain/project.js";
import { fromJson } from "../interop/cdr-values.js";
import { compileRoundTrip, compileWithInterfaces, type RoundTrip } from "./cdr/round-trip.js";

const seed = Number(process.env["ROSEHIP_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const library = new InterfaceLibrary(
  ["interfaces", "test/interop/ros2/interfaces"].map((name) => ({ name, folder: projectFile(name) })),
);
const CDR_ERROR = /^CdrError [1234]$/;

interface Sample {
  readonly type: string;
  readonly payload: Uint8Array;
  readonly bigEndian: Uint8Array;
}

/** What rclpy wrote, cut to the message. */
function samples(): Sample[] {
  const lines = readFileSync(projectFile("test/vectors/interface/cdr-rclpy.jsonl"), "utf8")
    .trimEnd()
    .split("\n");
  return lines.map((line) => {
    const { type, value, cdr } = JSON.parse(line) as { type: string; value: unknown; cdr: string };
    const codec = new MessageCodec(library, type);
    const bigEndian = codec.encode(fromJson(library, type, value), false);
    return { type, payload: Buffer.from(cdr, "hex").subarray(4, 4 + bigEndian.byteLength), bigEndian };
  });
}

describe("generated classes", () => {
  const given = samples();
  const types = library
    .packages()
    .filter((name) => name !== "rosehip_test_msgs")
    .flatMap((name) =>
      library.typesIn(name).flatMap((type) => messagesOf(library.file(type)?.definition ?? missing(type))),
    );
  let classes: RoundTrip;

  beforeAll(async () => {
    const all = [...types.map(({ typeName }) => typeName), ...given.map(({ type }) => type)];
    classes = await compileRoundTrip(library.sources, [...new Set(all)]);
    console.log(`${types.length} messages, ${classes.size} octets, seed ${seed}`);
  });

  test("read what rclpy wrote, of either byte order, and write the same", () => {
    for (const { type, payload, bigEndian } of given) {
      expect(hex(classes.run(type, payload)), type).toBe(hex(payload));
      expect(hex(classes.run(type, bigEndian, false)), type).toBe(hex(payload));
    }
  });

  test("of every interface that ships have its defaults", () => {
    for (const { typeName } of types) {
      expect(hex(classes.defaults(typeName)), typeName).toBe(
        hex(new MessageCodec(library, typeName).encode({})),
      );
    }
  });

  test("find every truncation and never trap", () => {
    for (const { type, payload, bigEndian } of given) {
      for (let length = 0; length < payload.byteLength; length += payload.byteLength > 2000 ? 17 : 1) {
        expect(() => classes.run(type, payload.subarray(0, length)), `${type} ${length}`).toThrow(CDR_ERROR);
        expect(() => classes.run(type, bigEndian.subarray(0, length), false)).toThrow(CDR_ERROR);
      }
    }
  });

  test("take any octets without a trap, and memory in proportion to them", () => {
    const random = generator(seed);
    for (let round = 0; round < 4000; round++) {
      const { type, payload } = given[random() % given.length] as Sample;
      const mutated = Uint8Array.from(payload);
      for (let i = random() % 4; i >= 0; i--) {
        const at = random() % mutated.length;
        mutated.set([[0xff, 0x00, 0x01, 0x7f, random() & 0xff][random() % 5] ?? 0], at);
        if (random() % 3 === 0) mutated.fill(0xff, at, at + 4);
      }
      try {
        classes.run(type, mutated);
      } catch (error) {
        expect((error as Error).message, `${type} ${hex(mutated)}, seed ${seed}, round ${round}`).toMatch(
          CDR_ERROR,
        );
      }
      expect(classes.memory).toBeLessThan(256 * 1024 + 64 * payload.byteLength);
    }
  });
});

describe("CdrReader, CdrWriter and fault()", () => {
  const REPORT = "rosehip_test_msgs/srv/Report_Response";
  let exports: Record<string, (...numbers: number[]) => number>;
  let memory: WebAssembly.Memory;

  beforeAll(async () => {
    const source = readFileSync(projectFile("test/assembly/cdr/apps/cases.as.ts"), "utf8");
    const packages = [
      "rosehip_test_msgs/srv/Report",
      "rosehip_test_msgs/msg/Text",
      "rosehip_test_msgs/msg/Numbers",
    ];
    const wasm = await compileWithInterfaces(library.sources, packages, source, "-O1");
    const module = new WebAssembly.Module(wasm as Uint8Array<ArrayBuffer>);
    exports = new WebAssembly.Instance(module).exports as typeof exports;
    memory = (exports as unknown as { memory: WebAssembly.Memory }).memory;
    exports["start"]?.();
  });

  /** Runs a case, which writes a message to memory; its result is the message's length or minus an error. */
  function run(name: string, ...numbers: number[]): number {
    const method = exports[name];
    if (method === undefined) throw new Error(`cases.as.ts has no ${name}`);
    return method(...numbers);
  }
  const written = (length: number) =>
    new Uint8Array(memory.buffer).slice(run("output"), run("output") + length);

  test("a writer without room measures, and writes what fits", () => {
    const length = run("report", 0);
    expect(length).toBe(
      new MessageCodec(library, REPORT).encode({ success: true, message: "four", more: 1n }).length,
    );
    for (let capacity = 0; capacity <= length; capacity++) {
      new Uint8Array(memory.buffer).fill(0xee, run("output"), run("output") + length + 8);
      expect(run("report", capacity)).toBe(length);
      expect([...written(length + 8).subarray(capacity)]).toEqual(Array(length + 8 - capacity).fill(0xee));
    }
    expect(new MessageCodec(library, REPORT).decode(written(length))).toEqual({
      success: true,
      message: "four",
      more: 1n,
    });
  });

  test("bounds hold when writing, counted in characters", () => {
    expect(run("bounded_string", 8)).toBeGreaterThan(0);
    expect(run("bounded_string", 9)).toBe(-2);
    expect(run("bounded_wide_string", 5)).toBeGreaterThan(0);
    expect(run("bounded_wide_string", 6)).toBe(-2);
    expect(run("bounded_sequence", 3)).toBeGreaterThan(0);
    expect(run("bounded_sequence", 4)).toBe(-2);
  });

  test("a fixed-size array of another length is a fault", () => {
    expect(run("fixed_array", 3)).toBeGreaterThan(0);
    expect(run("fixed_array", 2)).toBe(-3);
    expect(run("fixed_array", 4)).toBe(-3);
  });

  test("a message can't be over 2 GiB", () => {
    expect(run("too_large")).toBe(-4);
  });

  test("lone surrogates become U+FFFD, as TextEncoder makes them", () => {
    const length = run("lone_surrogate");
    expect(new MessageCodec(library, REPORT).decode(written(length))).toMatchObject({ message: "a\ufffdb" });
  });

  test("UTF-8 that is none is read without a trap", () => {
    const text = [0xf8, 0xff, 0xc0, 0xe2, 0x82, 0xf0, 0x9f];
    for (let length = 1; length <= text.length; length++) {
      new Uint8Array(memory.buffer).set(
        [0, 0, 0, 0, length, 0, 0, 0, ...text.slice(0, length)],
        run("output"),
      );
      expect(run("read_text", 8 + length)).toBeGreaterThanOrEqual(0);
    }
  });

  test("a fault fills in success and message within its bound", () => {
    const length = run("fault");
    expect(new MessageCodec(library, REPORT).decode(written(length))).toEqual({
      success: false,
      message: "out of m",
      more: 7n,
    });
  });
});

test("AddTwoInts takes this much code", async () => {
  const source = readFileSync(projectFile("test/assembly/cdr/apps/add-two-ints.as.ts"), "utf8");
  const packages = ["example_interfaces/srv/AddTwoInts"];
  const wasm = await compileWithInterfaces(library.sources, packages, source, "-Oz");
  console.log(`AddTwoInts decode, add, encode: ${wasm.byteLength} octets`);
  expect(wasm.byteLength).toBeLessThan(1300);
});

function missing(type: string): never {
  throw new Error(`${type} is listed and not there`);
}

function hex(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString("hex");
}

/** xorshift32 */
function generator(start: number): () => number {
  let state = start | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
