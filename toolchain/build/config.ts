import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { RosehipError } from "../../host-agent/src/errors.js";
import { ENGINES, type Engine } from "../firmware/target.js";

/** An app's settings: `rosehip.config.json` beside it, or the key `rosehip` of its package.json. */
export interface AppConfig {
  /** The app's main file, relative to the folder of the configuration. */
  readonly entry: string;
  /** Octets of linear memory for static data and heap together; a multiple of 16. */
  readonly memory: number;
  /** How it runs: interpreted by wasm3, or aot, translated to C and compiled with the firmware. */
  readonly engine: Engine;
}

const DEFAULTS: AppConfig = { entry: "app.ts", memory: 16384, engine: "wasm3" };

const MEMORY_MIN = 2048;
/** Addresses are 32 bits; more than this no microcontroller has, and V8 may refuse. */
const MEMORY_MAX = 16 * 1024 * 1024;

/**
 * Reads the settings of the app in `folder`; what is not given has its default.
 * @throws BUILD_CONFIG with the file and the key that is wrong
 */
export function readConfig(folder: string): AppConfig {
  const own = path.join(folder, "rosehip.config.json");
  const manifest = path.join(folder, "package.json");
  if (existsSync(own)) return merge(own, parse(own));
  if (!existsSync(manifest)) return DEFAULTS;
  const { rosehip } = parse(manifest);
  if (rosehip === undefined) return DEFAULTS;
  if (!isObject(rosehip)) throw mistake(manifest, '"rosehip" is to be an object');
  return merge(manifest, rosehip);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parse(file: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (isObject(value)) return value;
  } catch (cause) {
    throw mistake(file, "it is not JSON", cause);
  }
  throw mistake(file, "it is to be a JSON object");
}

function merge(file: string, given: Record<string, unknown>): AppConfig {
  const unknown = Object.keys(given).find((key) => !(key in DEFAULTS));
  if (unknown !== undefined) {
    throw mistake(file, `"${unknown}" is not a setting; there are ${Object.keys(DEFAULTS).join(", ")}`);
  }
  const { entry = DEFAULTS.entry, memory = DEFAULTS.memory, engine = DEFAULTS.engine } = given;
  if (typeof entry !== "string") throw mistake(file, '"entry" is to be a path');
  if (!isEngine(engine)) throw mistake(file, `"engine" is to be one of ${ENGINES.join(", ")}`);
  return { entry, memory: checkMemory(memory, file), engine };
}

function isEngine(value: unknown): value is Engine {
  return ENGINES.some((engine) => engine === value);
}

/** @throws BUILD_CONFIG */
export function checkMemory(memory: unknown, where: string): number {
  if (
    typeof memory !== "number" ||
    memory % 16 !== 0 ||
    memory < MEMORY_MIN ||
    memory > MEMORY_MAX ||
    (memory > 65536 && memory % 65536 !== 0)
  ) {
    throw mistake(
      where,
      `"memory" is to be a multiple of 16 from ${MEMORY_MIN} to 65536, or of 65536 up to ${MEMORY_MAX}, not ${String(memory)}`,
    );
  }
  return memory;
}

function mistake(where: string, message: string, cause?: unknown): RosehipError {
  return new RosehipError("BUILD_CONFIG", message, {
    where,
    remedy: "Mend the setting (docs/abi.md, memory).",
    cause,
  });
}
