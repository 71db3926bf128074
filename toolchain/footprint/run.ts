/** What the firmware takes of its memory while it runs, as it tells on its console. Nobody is at the other end of its link. */
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { RosehipError } from "../../host-agent/src/errors.js";
import { buildApp } from "../build/build.js";
import { bootImage, emulatorCommand, requireEmulator } from "../firmware/emulator.js";
import { buildFirmware } from "../firmware/firmware.js";
import type { Engine, Target } from "../firmware/target.js";
import { cacheFolder, projectFile } from "../project.js";
import { replaceFile } from "../replace-file.js";

/** Octets. */
export interface ArenaUse {
  /** When the app has started; its linear memory is part of it. */
  readonly used: number;
  /** The most until then. */
  readonly peak: number;
  readonly size: number;
}

/** Octets of the C stack, by its paint. */
export interface StackUse {
  /** When the app has started. */
  readonly used: number;
  /**
   * By an app that calls itself until the engine stops it (apps/deepest.as.ts), or `used` if that is more. What a call
   * into the firmware takes there comes on top, and for the engine aot one frame of the app's (docs/aot.md).
   */
  readonly worst: number;
  readonly size: number;
}

export interface MemoryUse {
  readonly arena: ArenaUse;
  /** undefined: this computer, whose stack is not painted. */
  readonly stack?: StackUse;
}

export interface BuiltFirmware {
  readonly target: Target;
  readonly engine: Engine;
  /** What buildFirmware made. */
  readonly firmware: string;
  /** The app.wasm, on this computer and with the interpreter: there it is no part of the firmware. */
  readonly app?: string;
}

/** An emulated board starts in a fifth of a second on a quiet machine. */
const LIMIT_MS = 30_000;

/** Runs a firmware shortly. @throws BUILD_NO_EMULATOR; BUILD_RUN if firmware or app do not start; for the engine aot as buildFirmware */
export async function measureMemory(built: BuiltFirmware): Promise<MemoryUse> {
  const { target } = built;
  if (target === "native") return { arena: await nativeArena(built) };
  await requireEmulator(target);
  const board = emulatorCommand({ target, firmware: built.firmware, link: "null" });
  const { arena, stack } = await boardMemory(board, NOTHING_STOPPED);
  const recursion = await deepestStack(target, built);
  return { arena, stack: { ...stack, worst: Math.max(stack.used, recursion) } };
}

let deepest: Promise<string> | undefined;

/** Compiled once by each process; the same file for all, so that firmware with it is not compiled anew. */
function deepestApp(): Promise<string> {
  deepest ??= inFolder(async (outDir) => {
    const app = projectFile("toolchain/footprint/apps/deepest.as.ts");
    const { wasm } = await buildApp({ entry: app, outDir });
    const file = cacheFolder("footprint", "deepest.wasm");
    await replaceFile(file, wasm);
    return file;
  });
  return deepest;
}

async function inFolder<T>(act: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), "rosehip-footprint-"));
  try {
    return await act(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function deepestStack(target: Exclude<Target, "native">, built: BuiltFirmware): Promise<number> {
  const app = await deepestApp();
  if (built.engine === "aot") {
    const { path: firmware } = await buildFirmware({ target, engine: "aot", app });
    const board = emulatorCommand({ target, firmware, link: "null" });
    return (await boardMemory(board, DEEPEST_STOPPED)).stack.used;
  }
  return inFolder(async (folder) => {
    const image = path.join(folder, "image");
    await writeFile(image, bootImage({ app: await readFile(app) }));
    const board = emulatorCommand({ target, firmware: built.firmware, image, link: "null" });
    return (await boardMemory(board, DEEPEST_STOPPED)).stack.used;
  });
}

const ARENA = /^arena: (\d+) of (\d+) octets used, (\d+) at most$/;
const STACK = /^stack: (\d+) of (\d+) octets used at most$/;
const APP_STOPPED = /^\[\w+\] \[rosehip\]: the app stopped: (.*);/;

/** How an app may have stopped before the memory is looked at. */
const NOTHING_STOPPED = undefined;
const DEEPEST_STOPPED = "stack overflow";

const arenaUse = ([, used, size, peak]: readonly string[]): ArenaUse => ({
  used: Number(used),
  peak: Number(peak),
  size: Number(size),
});

/** The board looks at its memory when it first has nothing to do: the app has started then. */
async function boardMemory(board: Command, stopped: string | undefined) {
  const [arena = [], stack = []] = await consoleOf(board, [ARENA, STACK], stopped);
  return { arena: arenaUse(arena), stack: { used: Number(stack[1]), size: Number(stack[2]) } };
}

async function nativeArena({ firmware, app }: BuiltFirmware): Promise<ArenaUse> {
  const agent = createSocket("udp4").bind(0, "127.0.0.1");
  await once(agent, "listening");
  const address = `127.0.0.1:${agent.address().port}`;
  const args = ["--udp", address, ...(app === undefined ? [] : ["--app", app])];
  // Its first message, which nobody answers, comes when it heeds signals; it obeys them when there is nothing else to do.
  const ready = (ask: () => void) => agent.once("message", ask);
  try {
    const [arena = []] = await consoleOf({ command: firmware, args, ready }, [ARENA], NOTHING_STOPPED);
    return arenaUse(arena);
  } finally {
    agent.close();
  }
}

interface Command {
  readonly command: string;
  readonly args: readonly string[];
  /** Calls `ask` when the firmware can be asked (SIGUSR1) for what it does not tell by itself. */
  readonly ready?: (ask: () => void) => void;
}

/**
 * Runs a firmware until its console has had a line of each pattern, in this order, then ends it.
 * @throws BUILD_RUN, also if the app has stopped otherwise than told
 */
async function consoleOf(
  { command, args, ready }: Command,
  patterns: readonly RegExp[],
  stopped: string | undefined,
): Promise<RegExpExecArray[]> {
  const found: RegExpExecArray[] = [];
  const lines: string[] = [];
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
  ready?.(() => child.kill("SIGUSR1"));
  const timer = setTimeout(() => child.kill("SIGKILL"), LIMIT_MS);
  const hear = (line: string) => {
    lines.push(line);
    const match = patterns[found.length]?.exec(line);
    if (match) found.push(match);
    if (found.length === patterns.length || line.startsWith("[FATAL]")) child.kill("SIGKILL");
  };
  for (const input of [child.stdout, child.stderr]) createInterface({ input }).on("line", hear);
  const cause = await new Promise<Error | undefined>((resolve) => {
    child.once("error", resolve);
    child.once("close", () => resolve(undefined));
  });
  clearTimeout(timer);
  const reason = lines.map((line) => APP_STOPPED.exec(line)?.[1]).find((one) => one !== undefined);
  if (found.length === patterns.length && reason === stopped) return found;
  throw new RosehipError("BUILD_RUN", "firmware and app did not start as they should", {
    where: `${command}: ${cause?.message ?? (lines.slice(-5).join(" / ") || "it said nothing")}`,
    remedy: "Mend what the app does at its start, or start it by hand to see more.",
    cause,
  });
}
