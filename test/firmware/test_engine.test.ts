/** Builds and runs the C tests of the arena, the engine and the runtime: each under ASan and UBSan, by each compiler. */
import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { coreGroup, LINK_FLAGS, WARNINGS, wasm3Group } from "../../toolchain/firmware/firmware.js";
import { type BuildOptions, buildProgram } from "../../toolchain/firmware/program.js";
import { cacheFolder, projectFile } from "../../toolchain/project.js";
import { availableCompilers, runUnity } from "./c_test.js";
import { assembleEngineApps } from "./test_engine_apps.js";
import { compileRuntimeApp } from "./test_runtime_apps.js";
import { unitySource } from "./unity.js";

const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  test_arena: [],
  test_engine: [],
  test_runtime: ["fake_agent", "full_arena"],
  test_runtime_topics: ["fake_agent", "full_arena"],
  test_runtime_deploy: ["fake_agent", "fake_flash", "full_arena"],
  test_runtime_storage: [],
  test_runtime_hardware: [],
};

const apps = cacheFolder("test-firmware", "apps");
const compilers = await availableCompilers();

beforeAll(() => Promise.all([assembleEngineApps(apps), compileRuntimeApp(apps)]));

/** As where the compiler makes no jumps of calls in tail position (wasm3_config.h, ROSEHIP_PARKS). */
const NO_TAIL_CALLS = ["-DROSEHIP_PARKS=1", "-fno-optimize-sibling-calls"];

async function buildTest(
  program: string,
  options: BuildOptions,
  engineFlags: readonly string[] = [],
): Promise<string> {
  const name = program.replace(/ .*/, "");
  const extra = PROGRAMS[name] ?? [];
  const unity = await unitySource();
  const core = await coreGroup(options);
  const wasm3 = await wasm3Group(options);
  const unityFlags = ["-DUNITY_SUPPORT_64"];
  const built = await buildProgram(
    {
      name: program.replaceAll(" ", "_"),
      groups: [
        { ...wasm3, flags: [...wasm3.flags, ...engineFlags] },
        { ...core, flags: [...core.flags, ...engineFlags] },
        {
          sources: [`${unity}/unity.c`],
          includes: [unity],
          flags: ["-w", "-fno-sanitize=all", ...unityFlags],
        },
        {
          sources: [`${name}/${name}`, ...extra].map((file) => projectFile(`test/firmware/${file}.c`)),
          includes: [projectFile("firmware/include"), projectFile("test/firmware"), unity],
          flags: [...WARNINGS, "-D_XOPEN_SOURCE=700", "-D_DEFAULT_SOURCE", ...unityFlags],
        },
      ],
      linkFlags: [...LINK_FLAGS, "-pthread"],
    },
    options,
  );
  return built.path;
}

async function passes(program: string, path: string): Promise<void> {
  const cases = await runUnity(path, [apps]);
  expect(cases.filter((each) => each.outcome !== "PASS")).toEqual([]);
  const source = await readFile(projectFile("test/firmware", program, `${program}.c`), "utf8");
  const declared = [...source.matchAll(/^ {2}RUN_TEST\((\w+)/gm)].map((match) => match[1]);
  expect(cases.map((each) => each.name)).toEqual(declared);
}

describe.each(compilers)("$name", ({ command, flags }) => {
  it.each(Object.keys(PROGRAMS))("%s", async (name) => {
    const m32 = flags.includes("-m32");
    await passes(name, await buildTest(name, { sanitize: true, compiler: command, m32 }));
  });
});

describe("without tail calls", () => {
  it.each(["test_engine", "test_runtime"])("%s", async (name) => {
    const program = `${name} without tail calls`;
    await passes(name, await buildTest(program, { compiler: compilers[0]?.command ?? "gcc" }, NO_TAIL_CALLS));
  });
});
