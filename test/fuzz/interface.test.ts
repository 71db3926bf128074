/**
 * Whatever a definition file or a payload holds: mistakes with a place, or errors with a code, and nothing else.
 * Seed: ROSEHIP_SEED, or one that is printed.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { DecodeError } from "../../host-agent/src/errors.js";
import { MessageCodec } from "../../toolchain/interface/codec.js";
import { InterfaceLibrary } from "../../toolchain/interface/library.js";
import { INTERFACE_LIMITS } from "../../toolchain/interface/limits.js";
import type { Mistake } from "../../toolchain/interface/mistake.js";
import { parseDefinition } from "../../toolchain/interface/parse.js";
import { projectFile } from "../../toolchain/project.js";

const seed = Number(process.env["ROSEHIP_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
console.log(`Interface fuzz seed ${seed}`);

/** xorshift32 */
function generator(start: number): (below: number) => number {
  let state = start | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

function definitions(): string[] {
  return ["interfaces", "test/interop/ros2/interfaces"].flatMap((folder) =>
    readdirSync(projectFile(folder), { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(msg|srv|action)$/.test(name))
      .map((name) => readFileSync(path.join(projectFile(folder), name), "utf8")),
  );
}

const PIECES = " \t\n\r#='\"\\[]<>/,-+._0123456789aAzZ\u0000\u0085\u2028\ufeffé😀---"
  .split("")
  .concat([
    "---\n",
    "string<=",
    "[<=",
    "int64 ",
    "string[] ",
    "\\x4",
    "99999999999999999999",
    "_".repeat(50),
    "A".repeat(50),
    '"'.repeat(20),
  ]);

test("definition text", () => {
  const random = generator(seed);
  const corpus = definitions();
  let mistaken = 0;
  for (let round = 0; round < 20_000; round++) {
    let text = corpus[random(corpus.length)] ?? "";
    for (let i = random(6); i >= 0; i--) {
      const at = random(text.length + 1);
      const insert =
        random(3) === 0 ? text.slice(at, at + random(40)) : (PIECES[random(PIECES.length)] ?? "");
      text = text.slice(0, at) + insert + text.slice(at + (random(2) === 0 ? 0 : random(8)));
    }
    const folder = (["msg", "srv", "action"] as const)[random(3)] ?? "msg";
    const mistakes: Mistake[] = [];
    const hint = `seed ${seed}, round ${round}: ${JSON.stringify(text)}`;
    expect(
      () => parseDefinition({ file: "f", package: "p", folder, name: "N", text }, mistakes),
      hint,
    ).not.toThrow();
    expect(mistakes.length).toBeLessThanOrEqual(INTERFACE_LIMITS.mistakes);
    for (const { position } of mistakes) {
      expect(position.line, hint).toBeGreaterThan(0);
      expect(position.column, hint).toBeGreaterThan(0);
    }
    if (mistakes.length > 0) mistaken++;
  }
  expect(mistaken).toBeGreaterThan(1000);
});

test("text that makes patterns backtrack, as long as a file may be", () => {
  const size = INTERFACE_LIMITS.fileOctets - 100;
  const fill = (piece: string) => piece.repeat(Math.floor(size / piece.length));
  for (const text of [
    `int32 ${fill("A")}! = 1`,
    `int32 ${fill("A_")}=1`,
    `int32 ${fill("a_")}`,
    `string[] s [${fill("a,")}]`,
    `string[] s [${fill('"a" ')}]`,
    `string[] s [${fill(" ")}]`,
    `string[] s ["${fill("\\\\")}]`,
    `string s "${fill("\\")}"`,
    `string s "${fill('\\"')}"`,
    `float64 f ${fill("1_")}`,
    `int32 a ${fill("1_1")}x`,
    `int32${fill(" ")}a`,
    `int32 a${fill(" ")}x`,
    fill("a/"),
    `int32${fill("[]")} a`,
    fill("int8 a\n"),
  ]) {
    const mistakes: Mistake[] = [];
    const begin = process.cpuUsage().user;
    parseDefinition({ file: "f", package: "p", folder: "msg", name: "N", text }, mistakes);
    expect((process.cpuUsage().user - begin) / 1e6, text.slice(0, 30)).toBeLessThan(2);
  }
});

test("payloads", () => {
  const random = generator(seed);
  const library = new InterfaceLibrary(
    ["interfaces", "test/interop/ros2/interfaces"].map((name) => ({ name, folder: projectFile(name) })),
  );
  const corpus = readFileSync(projectFile("test/vectors/interface/cdr-rclpy.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => {
      const { type, cdr } = JSON.parse(line) as { type: string; cdr: string };
      return { codec: new MessageCodec(library, type), type, payload: Buffer.from(cdr, "hex").subarray(4) };
    });
  let refused = 0;
  for (let round = 0; round < 20_000; round++) {
    const sample = corpus[random(corpus.length)];
    if (sample === undefined) continue;
    const payload = Uint8Array.from(sample.payload).subarray(0, sample.payload.length - random(9));
    for (let i = random(4); i >= 0; i--)
      payload.fill(
        [0xff, 0, 1, random(256)][random(4)] ?? 0,
        random(payload.length + 1),
        random(payload.length + 1),
      );
    try {
      const value = sample.codec.decode(payload, random(4) !== 0);
      // What was read can be written and read again.
      expect(
        sample.codec.decode(sample.codec.encode(value)),
        `${sample.type}, seed ${seed}, round ${round}`,
      ).toEqual(value);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      expect(error.code).toMatch(/^CDR_(TRUNCATED|BOUND)$/);
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(1000);
});
