/**
 * What the linker sees of the firmware: it is linked with a user's program, whose functions may be called anything that is
 * not ours. rosehip_ is for everybody, rh_ between our own files; wasm_rt_ is wasm2c's run-time, m3_Yield wasm3's own question.
 */
import { describe, expect, it } from "vitest";
import { buildApp } from "../../toolchain/build/build.js";
import { buildFirmware } from "../../toolchain/firmware/firmware.js";
import { run } from "../../toolchain/firmware/process.js";
import { ENGINES } from "../../toolchain/firmware/target.js";
import { projectFile } from "../../toolchain/project.js";
import { workerFolder } from "../worker.js";

const OURS = /^((rosehip|rh|wasm_rt)_|m3_Yield$)/;

/** External names that the object files of a folder define. */
async function externalNames(sources: ReadonlyMap<string, string>, folder: string): Promise<string[]> {
  const objects = [...sources].filter(([, source]) => source.startsWith(folder)).map(([object]) => object);
  expect(objects.length).toBeGreaterThan(20);
  const output = await run("nm", ["--extern-only", "--defined-only", "--format=posix", ...objects]);
  return (output?.stdout ?? "").split("\n").flatMap((line) => /^(\w+) [A-Z] /.exec(line)?.[1] ?? []);
}

describe("the core's external names", () => {
  it.each(ENGINES)("begin with ours: %s", async (engine) => {
    const { wasmPath } = await buildApp({
      entry: projectFile("examples/add_two_ints"),
      outDir: workerFolder("names"),
    });
    const { sources } = await buildFirmware(engine === "aot" ? { engine, app: wasmPath } : { engine });
    const names = await externalNames(sources, projectFile("firmware/src"));
    expect(names).toContain("rosehip_runtime_load");
    expect(names.filter((name) => !OURS.test(name))).toEqual([]);
  });
});
