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
  test_runtime: ["fake_agent"],
  test_runtime_topics: ["fake_agent"],
  test_runtime_deploy: ["fake_agent", "fake_flash"],
  test_runtime_storage: [],
  test_runtime_hardware: [],
};

const apps = cacheFolder("test-firmware", "apps");
const compilers = await availableCompilers();

beforeAll(() => Promise.all([assembleEngineApps(apps), compileRuntimeApp(apps)]));

async function buildTest(name: string, extra: readonly string[], options: BuildOptions): Promise<string> {
  const unity = await unitySource();
  const core = await coreGroup(options);
  const unityFlags = ["-DUNITY_SUPPORT_64"];
  const built = await buildProgram(
    {
      name,
      groups: [
        await wasm3Group(options),
        core,
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

describe.each(compilers)("$name", ({ command, flags }) => {
  it.each(Object.entries(PROGRAMS))("%s", async (name, extra) => {
    const m32 = flags.includes("-m32");
    const cases = await runUnity(await buildTest(name, extra, { sanitize: true, compiler: command, m32 }), [
      apps,
    ]);
    expect(cases.filter((each) => each.outcome !== "PASS")).toEqual([]);
    const source = await readFile(projectFile("test/firmware", name, `${name}.c`), "utf8");
    const declared = [...source.matchAll(/^ {2}RUN_TEST\((\w+)/gm)].map((match) => match[1]);
    expect(cases.map((each) => each.name)).toEqual(declared);
  });
});
