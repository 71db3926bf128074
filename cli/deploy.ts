import { createPrivateKey, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import type { Command } from "commander";
import { RosehipError } from "../host-agent/src/errors.js";
import { DEFAULT_BAUD_RATE, parseBaudRate } from "./agent-options.js";
import { parseTimeout } from "./call.js";
import { type OpenBoard, openBoard } from "./deploy-boards.js";
import { Deployment } from "./deploy-transfer.js";
import { watchSources } from "./deploy-watch.js";
import { describeError, guarded } from "./errors.js";

interface Options {
  readonly dev?: string;
  readonly baudrate: number;
  readonly board?: string;
  readonly key?: string;
  readonly watch?: boolean;
  readonly timeout: number;
}

const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(2)} s`;

function say(what: string, text: string): void {
  process.stdout.write(`${what.padEnd(8)}${text}\n`);
}

function readKey(file: string): KeyObject {
  try {
    const key = createPrivateKey(readFileSync(file));
    if (key.asymmetricKeyType === "ed25519") return key;
  } catch (cause) {
    throw badKey(file, cause);
  }
  throw badKey(file);
}

function badKey(file: string, cause?: unknown): RosehipError {
  return new RosehipError("CLI_KEY", "this is not an Ed25519 private key in PEM format", {
    where: file,
    remedy: "Make one with `openssl genpkey -algorithm ed25519 -out FILE`.",
    cause,
  });
}

async function readApp(entry: string): Promise<Uint8Array> {
  const begin = performance.now();
  if (entry.endsWith(".wasm")) {
    try {
      return readFileSync(entry);
    } catch (cause) {
      throw new RosehipError("BUILD_NO_ENTRY", "the file cannot be read", { where: entry, cause });
    }
  }
  const { buildApp } = await import("../toolchain/build/build.js");
  const { wasm, wasmPath, warnings } = await buildApp({ entry });
  for (const warning of warnings) process.stderr.write(`${warning}\n`);
  say("build", `${path.relative(process.cwd(), wasmPath)}, ${wasm.byteLength} octets (${seconds(begin)})`);
  return wasm;
}

/** One line that is written over while the app is sent; without a terminal, nothing. */
function showProgress(octets: number, total: number): void {
  if (process.stdout.isTTY !== true) return;
  process.stdout.write(`\rsend    ${Math.round((100 * octets) / total)} %`);
}

async function deployOnce(
  wasm: Uint8Array,
  { service }: OpenBoard,
  key: KeyObject | undefined,
): Promise<void> {
  const begin = performance.now();
  const deployment = new Deployment(service, key === undefined ? { wasm } : { wasm, key }, {
    onSent: showProgress,
    onRunning: (healthMs) => {
      if (process.stdout.isTTY === true) process.stdout.write("\r");
      say(
        "run",
        `${wasm.byteLength} octets sent, the new app runs (${seconds(begin)}); on trial for ${healthMs / 1000} s`,
      );
    },
  });
  const isNew = await deployment.run();
  say(
    "done",
    isNew
      ? `board ${service.key} keeps the new app (${seconds(begin)})`
      : `board ${service.key} runs it already`,
  );
}

async function deploy(entry: string, options: Options): Promise<void> {
  const key = options.key === undefined ? undefined : readKey(options.key);
  const wasm = await readApp(entry);
  const board = await openBoard({
    ...(options.dev !== undefined && { device: options.dev }),
    ...(options.board !== undefined && { board: options.board }),
    baudRate: options.baudrate,
    timeoutMs: 1000 * options.timeout,
  });
  try {
    if (options.watch !== true) return await deployOnce(wasm, board, key);
    await watch(entry, wasm, board, key);
  } finally {
    await board.close();
  }
}

/** Deploys at each save until Ctrl+C; what goes wrong is said, and the next save is waited for. */
async function watch(
  entry: string,
  first: Uint8Array,
  board: OpenBoard,
  key: KeyObject | undefined,
): Promise<void> {
  const sources = watchSources(entry);
  const stop = () => sources.close();
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  await attempt(() => deployOnce(first, board, key));
  say("watch", `${path.resolve(entry)}; Ctrl+C ends`);
  for await (const _ of sources.changes())
    await attempt(async () => deployOnce(await readApp(entry), board, key));
}

async function attempt(action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
  }
}

export function addDeployCommand(program: Command): void {
  program
    .command("deploy")
    .description("put an app onto a board that runs, over its serial line or through the ROS 2 graph")
    .argument("[entry]", "the app's main file, its folder, or an app.wasm", ".")
    .option("-D, --dev <device>", "serial port of the board, e.g. /dev/ttyUSB0; no agent may be using it")
    .option("-b, --baudrate <baud>", "bits per second, with --dev", parseBaudRate, DEFAULT_BAUD_RATE)
    .option("--board <name>", "a node of its app, or its client key, if there are several")
    .option("-t, --timeout <seconds>", "for the board to be found", parseTimeout, 15)
    .option("--key <file>", "Ed25519 private key (PEM) to sign the app with")
    .option("-w, --watch", "build and deploy again whenever a source is saved")
    .action(guarded(deploy));
}
