/**
 * `npm start`: the shortest way to see Rosehip work. Builds the example and the firmware, runs the firmware as a process
 * on a pseudo-terminal, the agent on its other end, and calls the service from a third process over the ROS 2 graph.
 * `--once` ends after the calls; otherwise everything goes on until Ctrl+C.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { parseArgs, styleText } from "node:util";
import { RosehipError } from "../host-agent/src/errors.js";
import { buildApp } from "../toolchain/build/build.js";
import { buildFirmware } from "../toolchain/firmware/firmware.js";
import { cacheFolder, projectFile, projectRoot } from "../toolchain/project.js";
import { describeBuild } from "./build.js";
import { describeError, EXIT } from "./errors.js";

const SERVICE = "/add_two_ints";
const TYPE = "example_interfaces/srv/AddTwoInts";
const CALLS = ["{a: 2, b: 3}", "{a: 9223372036854775807, b: -1}"] as const;

type Colour = "cyan" | "green" | "magenta" | "yellow";
const children = new Set<ChildProcess>();

function say(who: string, colour: Colour, text: string): void {
  process.stdout.write(`${styleText(colour, who.padEnd(9))}${text}\n`);
}

/** Starts a process whose lines are shown under `who`. */
function start(who: string, colour: Colour, command: string, args: readonly string[]): ChildProcess {
  const child = spawn(command, args, { cwd: projectRoot, stdio: ["ignore", "pipe", "pipe"] });
  children.add(child);
  child.once("close", () => children.delete(child));
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => say(who, colour, line));
  }
  return child;
}

function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? EXIT.failure));
  });
}

const rosehip = (...args: string[]): [string, string[]] => [
  process.execPath,
  [projectFile("dist/cli/main.js"), ...args],
];

async function build(): Promise<{ app: string; firmware: string }> {
  const begin = performance.now();
  const [app, firmware] = await Promise.all([
    buildApp({ entry: projectFile("examples/add_two_ints") }),
    buildFirmware(),
  ]);
  say("build", "cyan", describeBuild(app));
  say(
    "build",
    "cyan",
    `${path.relative(process.cwd(), firmware.path)}  (${firmware.compiled} files compiled)`,
  );
  say("build", "cyan", `${((performance.now() - begin) / 1000).toFixed(1)} s`);
  return { app: app.wasmPath, firmware: firmware.path };
}

/** One board, one agent; a rejection if either ends by itself. */
function boot({ app, firmware }: { app: string; firmware: string }): Promise<never> {
  const folder = cacheFolder("start");
  mkdirSync(folder, { recursive: true });
  const pty = path.join(folder, `board-${process.pid}`);
  const board = start("board", "green", firmware, ["--pty", pty, "--app", app]);
  const agent = start("agent", "magenta", ...rosehip("agent", "serial", "--dev", pty));
  const unexpected = (what: string) => (status: number) => {
    throw new RosehipError("START_ENDED", `${what} ended with status ${status}`, {
      remedy: "See its lines above.",
    });
  };
  return Promise.race([
    ended(board).then(unexpected("the firmware")),
    ended(agent).then(unexpected("the agent")),
  ]);
}

async function callService(): Promise<void> {
  for (const values of CALLS) {
    say("client", "yellow", `calling ${SERVICE} ${values} from a process of its own`);
    const status = await ended(
      start("client", "yellow", ...rosehip("call", SERVICE, TYPE, values, "--timeout", "15")),
    );
    if (status !== EXIT.ok)
      throw new RosehipError("START_CALL", "the call was not answered", { where: SERVICE });
  }
}

function invite(): void {
  const domain = process.env["ROS_DOMAIN_ID"] ?? "0";
  process.stdout.write(
    `
The board is serving ${SERVICE} on ROS domain ${domain}. Call it from another terminal:
  npx rosehip call ${SERVICE} ${TYPE} "{a: 20, b: 22}"
  ros2 service call ${SERVICE} ${TYPE} "{a: 20, b: 22}"        (any machine with ROS 2)
Its source is examples/add_two_ints/app.ts. Ctrl+C ends.
`,
  );
}

/** Ends all processes by their pid and waits for them. */
async function stopAll(): Promise<void> {
  const left = [...children];
  for (const child of left) child.kill("SIGTERM");
  await Promise.all(left.map((child) => child.exitCode ?? child.signalCode ?? ended(child)));
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { once: { type: "boolean", default: false } } });
  const interrupted = new Promise<void>((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
  const failed = boot(await build());
  await Promise.race([failed, callService()]);
  if (!values.once) {
    invite();
    await Promise.race([failed, interrupted]);
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = EXIT.failure;
}
await stopAll();
process.exit();
