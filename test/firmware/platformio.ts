/**
 * PlatformIO with nothing but PyPI: its registry's parts that this project needs are put where PlatformIO would have
 * installed them. SCons comes from PyPI, Unity and wasm3 from the sources the other tests use, and platformio/native
 * stands in for the platform `native`.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { RosehipError } from "../../host-agent/src/errors.js";
import { type Output, run } from "../../toolchain/firmware/process.js";
import { TARGETS } from "../../toolchain/firmware/target.js";
import { wasm3Source } from "../../toolchain/firmware/wasm3.js";
import { cacheFolder, projectFile, projectRoot } from "../../toolchain/project.js";
import { unitySource } from "./unity.js";

/** Version under which PlatformIO 6.2.0 looks for SCons 4.11.1. */
const TOOL_SCONS = "4.41101.0";

const parts = projectFile("test/firmware/platformio");

export interface PlatformIo {
  /** Where it works. `run` and `test` build with different flags, in run/native and test/native. */
  readonly workspace: string;
  /** platformio.ini with the Unity that is there and the test runner for it; nothing else differs. */
  readonly configuration: string;
  /** Runs `pio` with these arguments in the project's root, without a way to the network. */
  pio(...args: string[]): Promise<Output>;
}

/**
 * Makes PlatformIO ready: some 20 s the first time, then kept in the cache.
 * @throws BUILD_PLATFORMIO_UNAVAILABLE without Python 3.10 with venv, or without a network the first time
 */
export async function platformIo(): Promise<PlatformIo> {
  const requirements = path.join(parts, "requirements.txt");
  const sum = createHash("sha256")
    .update(await readFile(requirements))
    .digest("hex");
  const folder = cacheFolder("platformio", sum.slice(0, 16));
  const workspace = path.join(folder, "workspace");
  if (!existsSync(path.join(folder, "complete"))) {
    await rm(folder, { recursive: true, force: true });
    await installFromPyPi(folder, requirements);
    await writeFile(path.join(folder, "complete"), "");
  }
  await provideCore(path.join(folder, "core"));
  const unity = path.join(folder, "Unity");
  await provideUnity(unity);
  for (const target of TARGETS) await provideWasm3(path.join(workspace, "libdeps", target, "wasm3"));
  const configuration = path.join(folder, "platformio.ini");
  await writeFile(configuration, await configurationWithUnity(unity));
  const env = environment(folder, workspace);
  const command = path.join(folder, "venv", "bin", "pio");
  return {
    workspace,
    configuration,
    async pio(...args) {
      const build = path.join(workspace, args[0] ?? "");
      const output = await run(command, args, {
        cwd: projectRoot,
        env: { ...env, PLATFORMIO_BUILD_DIR: build },
      });
      if (output === undefined) throw unavailable(`${command} is missing`);
      return output;
    },
  };
}

async function installFromPyPi(folder: string, requirements: string): Promise<void> {
  const venv = path.join(folder, "venv");
  const python = path.join(venv, "bin", "python");
  const check = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10) and sys.version)";
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"];
  const steps: readonly (readonly [string, readonly string[]])[] = [
    ["python3", ["-c", check]],
    ["python3", ["-m", "venv", venv]],
    [python, [...pip, "--only-binary=:all:", "--require-hashes", "-r", requirements]],
  ];
  for (const [command, args] of steps) {
    const output = await run(command, args);
    if (output?.status === 0) continue;
    throw unavailable(
      output === undefined ? `${command} is not installed` : output.stderr.trim().slice(-2000),
    );
  }
}

function unavailable(where: string): RosehipError {
  return new RosehipError("BUILD_PLATFORMIO_UNAVAILABLE", "PlatformIO cannot be installed from PyPI.", {
    where,
    remedy:
      "Install Python 3.10 or newer with venv (Debian and Ubuntu: `sudo apt-get install python3-venv`) and run this " +
      "once with network access.",
  });
}

/** SCons, which PlatformIO's Python has, as a package of PlatformIO's; and the platform. */
async function provideCore(core: string): Promise<void> {
  const scons = path.join(core, "packages", "tool-scons");
  await mkdir(scons, { recursive: true });
  await writeFile(path.join(scons, "scons.py"), "import SCons.Script\n\nSCons.Script.main()\n");
  await writeFile(
    path.join(scons, "package.json"),
    JSON.stringify({ name: "tool-scons", version: TOOL_SCONS }),
  );
  await writeInstalled(scons, "tool", "tool-scons", TOOL_SCONS, { owner: "platformio" });
  const platform = path.join(core, "platforms", "native");
  await rm(platform, { recursive: true, force: true });
  await cp(path.join(parts, "native"), platform, { recursive: true });
}

async function provideUnity(folder: string): Promise<void> {
  await cp(await unitySource(), folder, { recursive: true, preserveTimestamps: true });
  await writeFile(
    path.join(folder, "library.json"),
    JSON.stringify({ name: "Unity", version: "0.0.0", build: { flags: "-w" } }),
  );
}

/** As cloned from the tag that library.json names, and not edited yet: that is up to wasm3_platformio.py. */
async function provideWasm3(folder: string): Promise<void> {
  const edited = await wasm3Source();
  const fetched = path.dirname(edited);
  const files = await readdir(fetched, { recursive: true });
  const file = files.find((name) => name.endsWith("/source/m3_env.h"));
  if (file === undefined) throw new Error(`${fetched} does not hold wasm3 as it was fetched`);
  await cp(path.join(fetched, path.dirname(file)), path.join(folder, "source"), {
    recursive: true,
    preserveTimestamps: true,
  });
  const manifest = JSON.parse(await readFile(projectFile("library.json"), "utf8")) as {
    dependencies: { wasm3: string };
  };
  await writeFile(path.join(folder, "library.json"), JSON.stringify({ name: "wasm3", version: "0.9.0" }));
  await writeInstalled(folder, "library", "wasm3", "0.9.0", { uri: `git+${manifest.dependencies.wasm3}` });
}

/** PlatformIO's note of what a package was installed for. */
async function writeInstalled(
  folder: string,
  type: string,
  name: string,
  version: string,
  source: { owner?: string; uri?: string },
): Promise<void> {
  const spec = { owner: null, id: null, name, requirements: null, uri: null, ...source };
  await writeFile(path.join(folder, ".piopm"), JSON.stringify({ type, name, version, spec }));
}

async function configurationWithUnity(unity: string): Promise<string> {
  let text = await readFile(projectFile("platformio.ini"), "utf8");
  const lines: readonly (readonly [string, string])[] = [
    ["\ntest_framework = unity\n", "\ntest_framework = custom\n"],
    ["\n  throwtheswitch/Unity@2.6.1\n", `\n  symlink://${unity}\n`],
  ];
  for (const [registry, here] of lines) {
    const around = text.split(registry);
    if (around.length !== 2) throw new Error(`platformio.ini does not have one line ${registry.trim()}`);
    text = around.join(here);
  }
  return text;
}

function environment(folder: string, workspace: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("PLATFORMIO_"));
  const nowhere = "http://127.0.0.1:9";
  return {
    ...Object.fromEntries(inherited),
    HTTP_PROXY: nowhere,
    HTTPS_PROXY: nowhere,
    PLATFORMIO_CORE_DIR: path.join(folder, "core"),
    PLATFORMIO_WORKSPACE_DIR: workspace,
    PLATFORMIO_SETTING_ENABLE_TELEMETRY: "no",
    PLATFORMIO_SETTING_CHECK_PLATFORMIO_INTERVAL: "9999",
    PLATFORMIO_SETTING_CHECK_PRUNE_SYSTEM_THRESHOLD: "0",
  };
}
