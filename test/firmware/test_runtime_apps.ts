import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import asc from "assemblyscript/asc";
import { projectFile } from "../../toolchain/project.js";

/** Compiles the apps of the runtime's tests, apps/NAME.ts, into `folder`, as NAME.wasm. */
export async function compileRuntimeApp(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of ["runtime", "topics", "storage", "hardware"]) await compile(name, folder);
}

async function compile(name: string, folder: string): Promise<void> {
  const args = [
    projectFile(`test/firmware/apps/${name}.ts`),
    "--runtime",
    "stub",
    "-O1",
    "--noAssert",
    "--use",
    "abort=",
    "--outFile",
    `${name}.wasm`,
  ];
  const { error, stderr } = await asc.main([...args, "--disable", "bulk-memory"], {
    writeFile: (name, contents) => writeFile(path.join(folder, path.basename(name)), contents),
  });
  if (error !== null) throw new Error(stderr.toString());
}
