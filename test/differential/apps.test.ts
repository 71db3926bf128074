/** Apps on V8, in wasm3 and in C: every call of the firmware and every octet of memory is the same. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { SimulatedBoard } from "../../simulation/board.js";
import { milliseconds } from "../../simulation/clock.js";
import { SimulatedGraph } from "../../simulation/graph.js";
import { type BuildResult, buildApp } from "../../toolchain/build/build.js";
import { cacheFolder, projectFile } from "../../toolchain/project.js";
import { runRequest } from "../assembly/run-service.js";
import { aotProgram, type LinkedApp, runProgram, wasm3Program } from "./engine-program.js";
import { Recorder } from "./trace.js";

const folder = cacheFolder("differential", "apps");
const SECONDS = 20;
/** Octets that are enough for any of the tests' apps. */
const TEST_MEMORY = 65536;
const REQUESTS = 150;
/** Random, and the same each time. */
const SEED = 20261123;

interface App extends LinkedApp {
  readonly entry: string;
  /** Paths of the module and of what it did. */
  readonly module: string;
  readonly trace: string;
}

function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

async function build(entry: string): Promise<BuildResult> {
  const title = entry.replaceAll(/\W+/g, "_");
  const own = entry.startsWith("test/") ? { memory: TEST_MEMORY } : {};
  return buildApp({ entry: projectFile(entry), outDir: path.join(folder, title), ...own });
}

/** Requests with words out of the app's own source, and with noise. */
function excite(board: SimulatedBoard, source: string, below: (bound: number) => number): void {
  // What is to loop for ever would do so here: there is no time budget on V8.
  const words = [...source.matchAll(/"([\w/ -]{1,40})"/g)]
    .map(([, word = ""]) => word)
    .filter((word) => word !== "loop");
  // A timer's period of some nanoseconds would make millions of polls.
  const unit = source.includes("periodNs") ? 1_000_000n : 1n;
  const services = [...board.services.values()].map(({ name }) => name);
  if (services.length > 0) {
    const service = services[below(services.length)] ?? "";
    const command = words[below(words.length)] ?? "";
    const noise = Buffer.from(Array.from({ length: below(40) }, () => below(256)));
    const payload = below(4) === 0 ? noise : runRequest(command, BigInt(below(60) - 10) * unit);
    board.request(service, payload, below(8) === 0).catch(() => undefined); // it may trap
  }
  board.advance(below(30));
}

/** Runs apps together on one graph; returns what each did. */
async function record(entries: readonly string[], requests: number): Promise<App[]> {
  const results = await Promise.all(entries.map(build));
  const below = random(SEED);
  using recorder = new Recorder();
  const graph = new SimulatedGraph();
  const boards = results.map(({ wasm }) => {
    const board = new SimulatedBoard({ graph, loopLimit: 0 });
    board.load(wasm);
    return board;
  });
  const sources = entries.map((entry) =>
    readFileSync(entry.endsWith(".ts") ? entry : `${entry}/app.ts`, "utf8"),
  );
  for (let i = 0; i < requests; i++) {
    boards.forEach((board, index) => {
      excite(board, sources[index] ?? "", below);
    });
    await new Promise(setImmediate);
  }
  graph.advanceTo(graph.clock.now + milliseconds(SECONDS * 1000));
  return [...recorder.traces.values()].map((lines, index) => {
    const { wasm, wasmPath } = results[index] as BuildResult;
    const trace = `${wasmPath}.trace`;
    writeFileSync(trace, `${lines.join("\n")}\n`);
    const entry = entries[index] ?? "";
    return { entry, title: entry, wasm, module: wasmPath, trace };
  });
}

const examples = readdirSync(projectFile("examples"), { withFileTypes: true })
  .filter((each) => each.isDirectory())
  .map(({ name }) => `examples/${name}`);
const tests = readdirSync(projectFile("test/assembly/apps"))
  .filter((name) => name.endsWith(".as.ts"))
  .map((name) => `test/assembly/apps/${name}`);

describe("apps", () => {
  const apps: App[] = [];
  let wasm3 = "";
  let aot = "";

  beforeAll(async () => {
    mkdirSync(folder, { recursive: true });
    apps.push(...(await record(examples, REQUESTS)));
    for (const entry of tests) apps.push(...(await record([entry], REQUESTS)));
    wasm3 = await wasm3Program("replay.c");
    aot = await aotProgram("replay.c", apps);
  });

  it.each([...examples, ...tests])("%s", (entry) => {
    const index = apps.findIndex((each) => each.entry === entry);
    const { module, trace } = apps[index] as App;
    const [interpreted = ""] = runProgram(wasm3, [module, trace]);
    expect(interpreted).toMatch(/^same \d+ \d+ \d+$/);
    expect(runProgram(aot, [String(index), trace])).toEqual([interpreted]);
    const [, polls = "0", calls = "0"] = interpreted.split(" ");
    expect(Number(polls)).toBeGreaterThan(0);
    expect(Number(calls)).toBeGreaterThan(3);
  });
});
