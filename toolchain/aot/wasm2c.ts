/** wasm2c of the WebAssembly Binary Toolkit, as npm package wabt has it: WebAssembly itself, so that it runs anywhere. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { RosehipError } from "../../host-agent/src/errors.js";
import { run } from "../firmware/process.js";

const PROGRAM = path.join(
  path.dirname(createRequire(import.meta.url).resolve("wabt/package.json")),
  "bin/wasm2c",
);

export interface Wasm2cOutput {
  readonly source: string;
  readonly header: string;
}

/**
 * @param name what the C calls the module
 * @throws BUILD_AOT_WASM2C with the program's own words
 */
export async function wasm2c(wasm: Uint8Array, name: string): Promise<Wasm2cOutput> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "rosehip-wasm2c-"));
  try {
    const input = path.join(folder, "app.wasm");
    const output = path.join(folder, "app.c");
    await writeFile(input, wasm);
    const done = await run(process.execPath, [
      PROGRAM,
      input,
      "--no-debug-names",
      ...["--module-name", name],
      ...["--output", output],
    ]);
    if (done?.status !== 0) {
      throw new RosehipError("BUILD_AOT_WASM2C", done?.stderr.trim() ?? "wasm2c cannot be run");
    }
    const read = (file: string) => readFile(path.join(folder, file), "utf8");
    return { source: await read("app.c"), header: await read("app.h") };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
