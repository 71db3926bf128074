/**
 * Each example on a board with the rclpy twin of its other side, for both distributions: server and client, client and
 * server, publisher and subscription. What they log is the same whichever side is the board.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { CONSOLE_BOARDS } from "../system/boards.js";
import { endAll, type RunningProcess } from "../system/process.js";
import { Rig } from "../system/rig.js";
import { freshDomain } from "../worker.js";
import { startRclpy, withRclpy } from "./rclpy.js";
import { DISTROS } from "./ros2.js";

interface Pair {
  /** The side that is started when the other one has logged `waits`. */
  readonly server: string;
  readonly client: string;
  readonly waits: RegExp;
  /** What each side logs, in this order. */
  readonly serverLogs: readonly RegExp[];
  readonly clientLogs: readonly RegExp[];
}

const PAIRS: readonly Pair[] = [
  {
    server: "add_two_ints",
    client: "add_two_ints_client",
    waits: /service not available, waiting again\.\.\./,
    serverLogs: [/Incoming request: a=41, b=1/],
    clientLogs: [/Result of add_two_ints: for 41 \+ 1 = 42/],
  },
  {
    server: "fibonacci",
    client: "fibonacci_client",
    waits: /action server not available, waiting again\.\.\./,
    serverLogs: [/Executing goal\.\.\./, /Executing goal\.\.\./, /Goal canceled/],
    clientLogs: [
      // "Goal accepted" may come before or after the first feedback: it is another topic's.
      /Received feedback: \[0, 1, 1\]/,
      /Received feedback: \[0, 1, 1, 2\]/,
      /Received feedback: \[0, 1, 1, 2, 3\]/,
      /Result: \[0, 1, 1, 2, 3\]/,
      /Received feedback: \[0, 1, 1\]/,
      /Received feedback: \[0, 1, 1, 2\]/,
      /Received feedback: \[0, 1, 1, 2, 3\]/,
      /Received feedback: \[0, 1, 1, 2, 3, 5\]/,
      /Goal canceled/,
    ],
  },
];

/** What a subscription hears from when it is there: four numbers, one after the other. */
async function hearsFour(process: RunningProcess): Promise<void> {
  const heard = /I heard: "Hello World: (\d+)"/;
  const first = Number((await process.waitFor(heard, 30_000))[1]);
  const next = [1, 2, 3].map((more) => new RegExp(`I heard: "Hello World: ${first + more}"`));
  await waitForAll(process, next);
  const all = process.lines.flatMap((line) => heard.exec(line)?.[1] ?? []).slice(0, 4);
  expect(all).toEqual([0, 1, 2, 3].map((more) => `${first + more}`));
}

/** What example_calls.py sees. 4 is succeeded, 5 canceled, 6 aborted. */
const SERVED = {
  navigate: {
    preempted: 5,
    reached: [4, 0.2, 0.3],
    closer_and_closer: true,
    canceled: [1, 5],
    moved: true,
  },
  led: {
    answers: [
      [true, "on"],
      [true, "off"],
    ],
  },
};

/**
 * What a client on the board (apps/example_calls) sees of the twins that have no client example, by the script of each. rclpy's
 * server can only abort a goal that nobody asked to cancel.
 */
const CALLED = {
  "twins/navigate.py": "navigate: preempted 6, reached 4 0.2 0.3, closer true, canceled 1 5, moved true",
  "twins/led.py": "led: true on true off",
  "lifecycle_node.py": "lifecycle: inactive active inactive unconfigured",
  "parameters_node.py": "parameters: true false 2.5 base_link",
};

/** Waits for lines, each after the one before it. */
async function waitForAll(process: RunningProcess, patterns: readonly RegExp[]): Promise<void> {
  let from = 0;
  for (const pattern of patterns) {
    await process.waitFor(pattern, 30_000, from);
    from = process.lines.findIndex((line, index) => index >= from && pattern.test(line)) + 1;
  }
}

/** Examples of which a board is one side. */
const SIDES = [
  ...PAIRS.flatMap(({ server, client }) => [server, client]),
  "publisher",
  "subscriber",
  ...Object.keys(SERVED),
];
/** For boards with pins: there are none in the emulators. */
const needsPins = (example: string): boolean => example === "led";

describe.each(withRclpy(CONSOLE_BOARDS))("$target, $engine, and rclpy of $distro", ({ distro, ...kind }) => {
  const rigs = new Map<string, Rig>();
  const rig = (example: string): Rig => {
    const found = rigs.get(example);
    if (found === undefined) throw new Error(`no rig of ${example}`);
    return found;
  };
  const served = Object.entries(SERVED).filter(([name]) => kind.target === "native" || !needsPins(name));

  beforeAll(async () => {
    for (const example of SIDES) rigs.set(example, await Rig.build(`examples/${example}`, kind));
    rigs.set("example_calls", await Rig.build("test/interop/apps/example_calls", kind));
  });
  afterEach(endAll);
  afterAll(() => {
    for (const one of rigs.values()) one.remove();
  });

  function startBoard(example: string): RunningProcess {
    const board = rig(example).startBoard(...(needsPins(example) ? ["--pins"] : []));
    rig(example).connectDirectly();
    rig(example).startAgent();
    return board;
  }

  const startTwin = (example: string, domain: number) => startRclpy(distro, domain, `twins/${example}.py`);

  it.each(PAIRS)("$server on the board, $client in rclpy", async (pair) => {
    const client = await startTwin(pair.client, rig(pair.server).domain);
    await client.waitFor(pair.waits, 30_000);
    const server = startBoard(pair.server);
    await Promise.all([waitForAll(server, pair.serverLogs), waitForAll(client, pair.clientLogs)]);
  });

  it.each(PAIRS)("$server in rclpy, $client on the board", async (pair) => {
    const client = startBoard(pair.client);
    await client.waitFor(pair.waits, 30_000);
    const server = await startTwin(pair.server, rig(pair.client).domain);
    await Promise.all([waitForAll(server, pair.serverLogs), waitForAll(client, pair.clientLogs)]);
  });

  it("publisher on the board, subscriber in rclpy", async () => {
    const subscriber = await startTwin("subscriber", rig("publisher").domain);
    startBoard("publisher");
    await hearsFour(subscriber);
  });

  it("publisher in rclpy, subscriber on the board", async () => {
    const subscriber = startBoard("subscriber");
    await startTwin("publisher", rig("subscriber").domain);
    await hearsFour(subscriber);
  });

  it.each(served)("%s on the board", async (example, seen) => {
    startBoard(example);
    const caller = await startRclpy(distro, rig(example).domain, "example_calls.py", example);
    const [line] = await caller.waitFor(/^\{.*\}$/, 60_000);
    expect(JSON.parse(line)).toEqual(seen);
  });

  it("navigate, led, lifecycle and parameters in rclpy, a client on the board", async () => {
    const board = startBoard("example_calls");
    const domain = rig("example_calls").domain;
    for (const script of Object.keys(CALLED)) await startRclpy(distro, domain, script);
    await Promise.all(Object.values(CALLED).map((line) => board.waitFor(new RegExp(`${line}$`), 60_000)));
  });
});

describe.each(DISTROS)("the same of twins alone, rclpy of %s", (distro) => {
  afterEach(endAll);

  it.each(Object.entries({ ...SERVED, navigate: { ...SERVED.navigate, preempted: 6 } }))(
    "%s in rclpy",
    async (example, seen) => {
      const domain = freshDomain();
      await startRclpy(distro, domain, `twins/${example}.py`);
      const caller = await startRclpy(distro, domain, "example_calls.py", example);
      const [line] = await caller.waitFor(/^\{.*\}$/, 60_000);
      expect(JSON.parse(line)).toEqual(seen);
    },
  );
});
