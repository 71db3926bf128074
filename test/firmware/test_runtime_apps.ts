import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import asc from "assemblyscript/asc";
import { projectFile } from "../../toolchain/project.js";

/** Compiles apps/runtime.ts into `folder`, as runtime.wasm. */
export async function compileRuntimeApp(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const source = projectFile("test/firmware/apps/runtime.ts");
  const args = [
    source,
    "--runtime",
    "stub",
    "-O1",
    "--noAssert",
    "--use",
    "abort=",
    "--outFile",
    "runtime.wasm",
  ];
  const { error, stderr } = await asc.main([...args, "--disable", "bulk-memory"], {
    writeFile: (name, contents) => writeFile(path.join(folder, path.basename(name)), contents),
  });
  if (error !== null) throw new Error(stderr.toString());
}
