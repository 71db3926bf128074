/** A whole board: firmware, app in wasm3, a UART's speed, the agent, and rclpy at the other end. */

import { setTimeout as delay } from "node:timers/promises";
import { NativeBoards } from "../test/system/boards.js";
import { endAll, type RunningProcess } from "../test/system/process.js";
import { createClient, Rig, timeUntil } from "../test/system/rig.js";
import { buildLine } from "../toolchain/firmware/firmware.js";
import { type App, buildBenchApp, EXAMPLE, QUIET } from "./apps.js";
import type { Context, Subject } from "./context.js";
import { freePort, residentMegabytes, startAgent } from "./processes.js";
import { buildBoard, INSTALL_M32 } from "./programs.js";
import { atMost } from "./report.js";
import { callFromRclpy, findRos, type Ros } from "./ros.js";
import { exactly, fromRuns } from "./statistics.js";

const BAUD = 115_200;
const BITS_PER_OCTET = 10;
/** Of a WRITE_DATA or DATA: message header 4, submessage header 4, request and object id 4, SampleIdentity 24, framing 7. */
const SERVICE_FRAME = 43;
/** What a call cannot do without: a request of two int64 and a reply of one, each in a frame. */
const CALL_OCTETS = SERVICE_FRAME + 16 + SERVICE_FRAME + 8;
const CALL_LINE_MS = (1000 * CALL_OCTETS * BITS_PER_OCTET) / BAUD;
const TYPE = "example_interfaces/srv/AddTwoInts";

async function buildRig(context: Context, app: App, m32 = false): Promise<Rig> {
  const { wasmPath } = await buildBenchApp(app);
  const [board, line] = [await buildBoard({ m32 }), await buildLine()];
  return new Rig(new NativeBoards(board.path, wasmPath), line.path, context.domain);
}

/** Octets that have passed the line so far, both ways. */
async function octetsPassed(line: RunningProcess): Promise<number> {
  const from = line.lines.length;
  line.write("stats\n");
  const down = await line.waitFor(/^stats a-to-b passed=(\d+)/, 5000, from);
  const up = await line.waitFor(/^stats b-to-a passed=(\d+)/, 5000, from);
  return Number(down[1]) + Number(up[1]);
}

interface OverLine {
  readonly medianMs: number;
  readonly p99Ms: number;
  /** Octets on the line, both ways: the call's, ACKNACKs, log lines. */
  readonly octets: number;
}

async function callOverLine(rig: Rig, ros: Ros, count: number): Promise<OverLine> {
  const board = rig.startBoard();
  const line = await rig.startLine({ baud: BAUD });
  const agent = rig.startAgent();
  try {
    await callFromRclpy(ros, 1); // all is connected and discovered
    const before = await octetsPassed(line);
    const { median_ms: medianMs, p99_ms: p99Ms } = await callFromRclpy(ros, count);
    return { medianMs, p99Ms, octets: ((await octetsPassed(line)) - before) / count };
  } finally {
    await Promise.all([board.kill(), line.kill(), agent.kill()]);
  }
}

async function overSerialLine(context: Context, ros: Ros): Promise<void> {
  for (const app of context.quick ? [QUIET] : [QUIET, EXAMPLE]) {
    const rig = await buildRig(context, app);
    const found: OverLine[] = [];
    try {
      for (let run = 0; run < context.runs; run++) {
        found.push(await callOverLine(rig, ros, context.quick ? 20 : 200));
      }
    } finally {
      rig.remove();
    }
    reportCalls(context, app, found);
  }
}

function reportCalls(context: Context, app: App, found: readonly OverLine[]): void {
  const column = (pick: (one: OverLine) => number) => fromRuns("ms", found.map(pick));
  const octets = column((one) => one.octets).median.toFixed(0);
  const call = { ...column((one) => one.medianMs), p99: Math.max(...found.map((one) => one.p99Ms)) };
  context.measured(`rclpy to the board at ${BAUD} baud: ${app.what}`, call, {
    note: `${CALL_LINE_MS.toFixed(2)} ms of it is line time of request and reply, ${CALL_OCTETS} octets; ${octets} pass for each call`,
  });
  if (app !== QUIET) return;
  context.measured(
    "the same: beyond line time",
    column((one) => one.medianMs - CALL_LINE_MS),
    {
      target: atMost(2),
      reference: "UART physics: 10 bit times for each octet of request and reply",
      note: "each call begins when the one before has ended",
    },
  );
}

/** From the start of the agent's process to the first answer, with the board running and the caller waiting. */
async function untilFirstAnswer(rig: Rig): Promise<number> {
  rig.startBoard();
  const network = await rig.openNetwork();
  const client = createClient(network, "/add_two_ints", TYPE);
  try {
    await delay(500);
    const begin = performance.now();
    rig.startAgent();
    await client.waitForService(20_000);
    await timeUntil((ms) => client.call({ a: 2n, b: 3n }, ms), 10_000, 1000);
    return (performance.now() - begin) / 1000;
  } finally {
    client.close();
    await network.close();
    await endAll();
  }
}

async function startUp(context: Context, rig: Rig): Promise<void> {
  rig.connectDirectly();
  const seconds: number[] = [];
  for (let run = 0; run < context.runs; run++) seconds.push(await untilFirstAnswer(rig));
  context.measured("agent start to the first answered call", fromRuns("s", seconds), {
    target: atMost(5),
    reference: "micro-ROS agent: Docker or a build",
    note: "start of the agent's process, Node among it, to the board's answer at a waiting client",
  });
}

/** The firmware as a 32-bit program, where the compiler can make one: the word size of the boards. */
async function boardMemory(context: Context): Promise<void> {
  const what = "add_two_ints: arena of the whole firmware, most in use";
  let rig: Rig;
  try {
    rig = await buildRig(context, EXAMPLE, true);
  } catch {
    context.notMeasured(what, INSTALL_M32);
    return;
  }
  rig.connectDirectly();
  const board = rig.startBoard();
  const agent = rig.startAgent();
  const network = await rig.openNetwork();
  const client = createClient(network, "/add_two_ints", TYPE);
  try {
    await client.waitForService(20_000);
    for (let i = 0; i < 100; i++) await client.call({ a: BigInt(i), b: 3n }, 5000);
    await board.kill("SIGTERM");
    const [, peak, used] = await board.waitFor(/^arena (\d+) (\d+)/, 1000);
    context.measured(what, exactly("B", Number(peak)), {
      target: atMost(48 * 1024),
      reference: "micro-ROS ESP32 example, C, one service: 34.6 KB of RAM",
      note: `32-bit words, MTU 512, after 100 calls (then ${used} B in use); app, engine, session and entities together`,
    });
  } finally {
    await network.close();
    await Promise.all([board.kill(), agent.kill()]);
    rig.remove();
  }
}

async function agentMemory(context: Context, rig: Rig): Promise<void> {
  const idle: number[] = [];
  const withBoard: number[] = [];
  for (let run = 0; run < context.runs; run++) {
    const alone = startAgent(context, "rosehip", ["udp4", "-p", String(await freePort())]);
    await delay(context.quick ? 1000 : 3000);
    const memory = residentMegabytes(alone.pid);
    await alone.kill();
    if (memory === undefined) {
      context.notMeasured("resident memory of the agent", "this system has no /proc");
      return;
    }
    idle.push(memory);
    rig.startBoard();
    const agent = rig.startAgent();
    await agent.waitFor(/service created/);
    await delay(1000);
    withBoard.push(residentMegabytes(agent.pid) ?? Number.NaN);
    await endAll();
  }
  context.measured("resident memory of the idle agent", fromRuns("MB", idle), {
    note: "Node.js and all of the agent; no board",
  });
  context.measured("resident memory of the agent with one board", fromRuns("MB", withBoard));
}

export const device: Subject = {
  name: "a board and the agent",
  async run(context) {
    const ros = await findRos(context);
    if (typeof ros === "string") context.notMeasured(`rclpy to the board at ${BAUD} baud`, ros);
    else await overSerialLine(context, ros);
    const rig = await buildRig(context, QUIET);
    try {
      await startUp(context, rig);
      await agentMemory(context, rig);
    } finally {
      rig.remove();
    }
    await boardMemory(context);
  },
};
