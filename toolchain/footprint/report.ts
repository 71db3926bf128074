/** What an app costs on a board: the whole firmware with the app, built, measured, and written down beside the app. */
import { copyFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { RosehipError } from "../../host-agent/src/errors.js";
import type { BuildResult } from "../build/build.js";
import { buildFirmware } from "../firmware/firmware.js";
import type { Engine, Target } from "../firmware/target.js";
import { type Footprint, readFootprint } from "./footprint.js";
import { type ArenaUse, type BuiltFirmware, measureMemory, type StackUse } from "./run.js";

/** Octets. What is not measured is not there; `notMeasured` says what and why. */
export interface FirmwareReport extends Partial<Footprint> {
  readonly target: Target;
  readonly engine: Engine;
  /** Linear memory of the app; part of the arena. */
  readonly wasmMemory: number;
  readonly arena?: ArenaUse;
  readonly stack?: StackUse;
  readonly notMeasured?: string;
}

export interface ReportedFirmware {
  /** The program: ELF for a board. */
  readonly file: string;
  readonly report: FirmwareReport;
}

/**
 * Builds the firmware with an app, as `firmware-<target>.elf` (`firmware-native` on this computer) beside app.wasm, and
 * adds what it takes to size.json, as `firmware`.
 * @throws as buildFirmware, with what installs a missing compiler; without an emulator memory is not measured
 */
export async function reportFirmware(app: BuildResult, target: Target): Promise<ReportedFirmware> {
  const engine: Engine = app.cPath === undefined ? "wasm3" : "aot";
  const built = await buildFirmware({ target, engine, app: app.wasmPath });
  const folder = path.dirname(app.wasmPath);
  const file = path.join(folder, target === "native" ? "firmware-native" : `firmware-${target}.elf`);
  await copyFile(built.path, file);
  const isFile = target === "native" && engine === "wasm3"; // everywhere else the app is in the firmware
  const report: FirmwareReport = {
    target,
    engine,
    ...(target === "native" ? {} : await readFootprint(built)),
    wasmMemory: app.size.memory,
    ...(await memory({ target, engine, firmware: file, ...(isFile && { app: app.wasmPath }) })),
  };
  const sizes = { ...app.size, firmware: report };
  await writeFile(path.join(folder, "size.json"), `${JSON.stringify(sizes, null, 2)}\n`);
  return { file, report };
}

type Memory = Pick<FirmwareReport, "arena" | "stack" | "notMeasured">;

async function memory(built: BuiltFirmware): Promise<Memory> {
  try {
    const use = await measureMemory(built);
    return built.target === "native"
      ? { ...use, notMeasured: "flash, static RAM, stack: of boards only" }
      : use;
  } catch (error) {
    if (!(error instanceof RosehipError)) throw error;
    if (error.code === "BUILD_NO_EMULATOR") {
      return { notMeasured: `arena, stack: ${error.message} ${error.remedy}` };
    }
    if (error.code === "BUILD_RUN") return { notMeasured: `arena, stack: ${error.message}: ${error.where}` };
    throw error;
  }
}
