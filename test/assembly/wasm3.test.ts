import { spawnSync } from "node:child_process";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { SimulatedBoard } from "../../simulation/board.js";
import { type BuildResult, buildApp } from "../../toolchain/build/build.js";
import { coreGroup, LINK_FLAGS, WARNINGS, wasm3Group } from "../../toolchain/firmware/firmware.js";
import { buildProgram } from "../../toolchain/firmware/program.js";
import { projectFile } from "../../toolchain/project.js";
import { buildTestApp, runRequest } from "./run-service.js";

type Step = { readonly request: string; readonly payload: Uint8Array } | { readonly advance: number };

/** What a run shows: in the order it happened. */
type Output = string[];

const hex = (octets: Uint8Array) => Buffer.from(octets).toString("hex");

async function simulate(app: BuildResult, steps: readonly Step[]): Promise<Output> {
  const board = new SimulatedBoard({ loopLimit: 0 });
  board.load(app.wasm);
  const output: Output = [];
  const log = () => {
    for (const { severity, logger, message } of board.logs.splice(0)) {
      output.push(`log ${severity} ${logger} ${message}`);
    }
  };
  let token = 0;
  for (const step of steps) {
    if ("advance" in step) {
      for (let ms = 0; ms < step.advance; ms++) {
        board.advance(1);
        await new Promise(setImmediate);
      }
    } else {
      const number = ++token;
      void board
        .request(step.request, step.payload)
        .then((reply) => output.push(`reply ${number} ${hex(reply)}`));
    }
    log();
  }
  output.push(`memory ${board.running.memoryBytes}`);
  return output;
}

describe("the same module in the firmware's engine", () => {
  let program: string;

  beforeAll(async () => {
    const board = {
      sources: [projectFile("test/assembly/wasm3_board.c")],
      includes: [projectFile("firmware/include"), projectFile("firmware/src")],
      flags: [...WARNINGS, "-O1"],
    };
    const groups = [await wasm3Group(), await coreGroup(), board];
    program = (await buildProgram({ name: "wasm3-board", groups, linkFlags: LINK_FLAGS })).path;
  }, 300_000);

  function interpret(app: BuildResult, steps: readonly Step[]): Output {
    const script = steps.map((step) =>
      "advance" in step ? `advance ${step.advance}\n` : `request ${step.request} ${hex(step.payload)}\n`,
    );
    const { stdout, status, error } = spawnSync(program, [app.wasmPath], {
      input: script.join(""),
      encoding: "utf8",
      maxBuffer: 1 << 28,
    });
    if (error) throw error;
    expect({ status, end: stdout.slice(-300) }).toMatchObject({ status: 0 });
    return stdout.trimEnd().split("\n");
  }

  /** Replies and logs, each in their own order: when a promise is settled is not when the reply was sent. */
  const kind = (output: Output, word: string) => output.filter((line) => line.startsWith(word));

  async function compare(app: BuildResult, steps: readonly Step[]): Promise<Output> {
    const [expected, real] = [await simulate(app, steps), interpret(app, steps)];
    for (const word of ["reply", "log", "memory", "panic", "trap"])
      expect(kind(real, word)).toEqual(kind(expected, word));
    return real;
  }

  it("adds two ints", async () => {
    const app = await buildApp({
      entry: projectFile("examples/add_two_ints"),
      outDir: path.join(projectFile(".cache"), "test-assembly"),
    });
    const payload = new Uint8Array(16);
    new DataView(payload.buffer).setBigInt64(0, 40n, true);
    new DataView(payload.buffer).setBigInt64(8, 2n, true);
    const output = await compare(app, [{ request: "/add_two_ints", payload }, { advance: 1 }]);
    expect(output).toEqual([
      "log 20 minimal_service Incoming request: a=40, b=2",
      "reply 1 2a00000000000000",
      `memory ${app.size.memory}`,
    ]);
  });

  it("lets tasks sleep and go on", async () => {
    const wait = (ms: number) => ({ request: "/lab/wait", payload: runRequest(`w${ms}`, BigInt(ms)) });
    const each = { request: "/lab/each", payload: runRequest("a b c", 0n) };
    const deep = { request: "/lab/deep", payload: runRequest("", 30n) };
    const steps = [wait(30), wait(10), each, deep, { advance: 15 }, wait(3), wait(20), { advance: 60 }];
    expect(kind(await compare(await buildTestApp("tasks"), steps), "reply")).toHaveLength(6);
  });

  it("does 10,000 calls in 16 KiB while tasks are suspended", async () => {
    const app = await buildTestApp("tasks");
    const steps: Step[] = [];
    for (let i = 0; i < 4; i++)
      steps.push({ request: "/lab/wait", payload: runRequest(`w${i}`, BigInt(100_000 + i)) });
    for (let i = 0; i < 10_000; i++) {
      steps.push({ request: "/lab/work", payload: runRequest("some text", BigInt(i)) }, { advance: 1 });
    }
    steps.push({ advance: 100_000 });
    const replies = kind(interpret(app, steps), "reply");
    expect(replies).toHaveLength(10_004);
    expect(replies.at(9_999)).toBe(`reply 10004 ${hexOfWork(10_000)}`);
  });

  it("traps with the app's own words", async () => {
    const app = await buildTestApp("faults");
    const output = interpret(app, [{ request: "/fail", payload: runRequest("memory") }, { advance: 1 }]);
    expect(output.at(-2)).toMatch(/^panic out of memory: \d+ bytes wanted, \d+ free of \d+/);
    expect(output.at(-1)).toMatch(/^trap /);
  });
});

/** The response of /lab/work to its `call`th call, by hand: success, padding, length, text and NUL, padding, value. */
function hexOfWork(call: number): string {
  const text = `call ${call} of ${call - 1}`;
  const octets = Buffer.alloc(Math.ceil((8 + text.length + 1) / 8) * 8 + 8);
  octets.writeUInt8(1, 0);
  octets.writeUInt32LE(text.length + 1, 4);
  octets.write(text, 8);
  octets.writeBigInt64LE(BigInt(call), octets.length - 8);
  return octets.toString("hex");
}
