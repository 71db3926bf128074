import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { CdrReader } from "../../host-agent/src/cdr/reader.js";
import { CdrWriter } from "../../host-agent/src/cdr/writer.js";
import { type BoardOptions, SimulatedBoard } from "../../simulation/board.js";
import { type BuildResult, buildApp } from "../../toolchain/build/build.js";

const APPS = path.join(import.meta.dirname, "apps");

/** Builds one of the apps in test/assembly/apps. */
export function buildTestApp(name: string, memory?: number): Promise<BuildResult> {
  const outDir = mkdtempSync(path.join(tmpdir(), `rosehip-${name}-`));
  return buildApp({
    entry: path.join(APPS, `${name}.as.ts`),
    outDir,
    ...(memory === undefined ? {} : { memory }),
  });
}

export function boardWith(app: BuildResult, options: BoardOptions = {}): SimulatedBoard {
  const board = new SimulatedBoard(options);
  board.load(app.wasm);
  return board;
}

/** Response of rosehip_test/srv/Run. */
export interface RunResponse {
  readonly success: boolean;
  readonly message: string;
  readonly value: bigint;
}

export function runRequest(command: string, value = 0n, littleEndian = true): Uint8Array {
  const writer = new CdrWriter(littleEndian);
  writer.string(command);
  writer.i64(value);
  return writer.copy();
}

export function runResponse(payload: Uint8Array): RunResponse {
  const reader = new CdrReader(payload);
  const response = { success: reader.boolean(), message: reader.string(), value: reader.i64() };
  if (reader.remaining !== 0) throw new Error(`${reader.remaining} octets are left in the response`);
  return response;
}

/** Sends a request of the type Run without waiting for its answer. */
export async function send(
  board: SimulatedBoard,
  service: string,
  command: string,
  value = 0n,
): Promise<RunResponse> {
  return runResponse(await board.request(service, runRequest(command, value)));
}

/** Calls a service of the type Run and lets time pass until it has answered. */
export async function call(
  board: SimulatedBoard,
  service: string,
  command: string,
  value = 0n,
): Promise<RunResponse> {
  return runResponse(await board.call(service, runRequest(command, value)));
}
