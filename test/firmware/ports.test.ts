/** The ports of firmware/port that no system test runs: they compile, without a warning. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WARNINGS } from "../../toolchain/firmware/firmware.js";
import { run } from "../../toolchain/firmware/process.js";
import { targetCompiler } from "../../toolchain/firmware/program.js";
import { crossToolchain, TARGETS } from "../../toolchain/firmware/target.js";
import { projectFile } from "../../toolchain/project.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "rosehip-ports-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function compile(compiler: string, flags: readonly string[], source: string): Promise<string> {
  const object = path.join(folder, "object.o");
  const include = `-I${projectFile("firmware/include")}`;
  const args = [...WARNINGS, "-Os", ...flags, include, "-c", projectFile(source), "-o", object];
  const output = await run(compiler, args);
  return output === undefined ? `${compiler} is not installed` : output.stderr;
}

describe("template", () => {
  it.each(TARGETS)("compiles for %s", async (target) => {
    const { command } = await targetCompiler({ target });
    expect(
      await compile(command, crossToolchain(target)?.compile ?? [], "firmware/port/template/board.c"),
    ).toBe("");
  });
});
