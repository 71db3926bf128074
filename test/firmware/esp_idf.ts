/** ESP-IDF's build of the ESP32 port, by the stand-in in esp_idf/. */
import { existsSync } from "node:fs";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { RosehipError } from "../../host-agent/src/errors.js";
import { coreGroup, LINK_FLAGS, wasm3Group } from "../../toolchain/firmware/firmware.js";
import { type Output, run } from "../../toolchain/firmware/process.js";
import { buildProgram, type SourceGroup } from "../../toolchain/firmware/program.js";
import { wasm3Source } from "../../toolchain/firmware/wasm3.js";
import { cacheFolder, projectFile } from "../../toolchain/project.js";
import { unitySource } from "./unity.js";

export const standIn = projectFile("test/firmware/esp_idf");

/** ESP-IDF's own generator of settings out of Kconfig files. */
const KCONFIG =
  "esp-idf-kconfig==2.5.3 --hash=sha256:0acd048b04ea7515f44db10b006af6eb47ff393125290ca38ea33dc7bdd6381d\n";

/** A compiler for the processor of a chip, with a C library. */
export interface ChipCompiler {
  readonly name: string;
  readonly chip: "esp32" | "esp32c3";
  readonly command: string;
  readonly flags: readonly string[];
  readonly packages: string;
}

const RISCV_LIBRARY = "/usr/lib/picolibc/riscv64-unknown-elf/include";
const XTENSA_LIBRARY = "/usr/lib/xtensa-lx106-elf/include";

/** The C3's instruction set; and lx106, the nearest to the ESP32's that Debian has a compiler for. */
export const CHIP_COMPILERS: readonly ChipCompiler[] = [
  {
    name: "riscv32 gcc",
    chip: "esp32c3",
    command: "riscv64-unknown-elf-gcc",
    flags: ["-march=rv32imc_zicsr", "-mabi=ilp32", "--specs=picolibc.specs"],
    packages: "gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf",
  },
  {
    name: "riscv32 clang",
    chip: "esp32c3",
    command: "clang",
    flags: ["--target=riscv32-unknown-elf", "-march=rv32imc", "-mabi=ilp32", "-isystem", RISCV_LIBRARY],
    packages: "clang picolibc-riscv64-unknown-elf",
  },
  {
    name: "xtensa gcc",
    chip: "esp32",
    command: "xtensa-lx106-elf-gcc",
    flags: ["-mlongcalls", "-isystem", XTENSA_LIBRARY, "-include", path.join(standIn, "xtensa_types.h")],
    packages: "gcc-xtensa-lx106 picolibc-xtensa-lx106-elf",
  },
];

/** A folder of its own below the cache, empty. */
export async function emptyFolder(name: string): Promise<string> {
  const folder = cacheFolder("test-firmware", "esp_idf", name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  return folder;
}

/**
 * Python with esp-idf-kconfig; made once.
 * @throws BUILD_PYTHON_UNAVAILABLE without Python 3 with venv, or without a network the first time
 */
export async function kconfigPython(): Promise<string> {
  const folder = cacheFolder("esp-idf-kconfig-2.5.3");
  const python = path.join(folder, "bin", "python");
  if (existsSync(path.join(folder, "complete"))) return python;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const requirements = path.join(folder, "requirements.txt");
  await writeFile(requirements, KCONFIG);
  const install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"];
  for (const [command, args] of [
    ["python3", ["-m", "venv", folder]],
    [python, [...install, "--only-binary=:all:", "--require-hashes", "-r", requirements]],
  ] as const) {
    const output = await run(command, args);
    if (output?.status === 0) continue;
    throw new RosehipError("BUILD_PYTHON_UNAVAILABLE", "esp-idf-kconfig cannot be installed from PyPI.", {
      where: output?.stderr.trim() ?? `${command} is not installed`,
      remedy: "Run `sudo apt-get install python3-venv` and this once with network access.",
    });
  }
  await writeFile(path.join(folder, "complete"), "");
  return python;
}

/** wasm3 as it comes out of its repository. */
export async function fetchedWasm3(): Promise<string> {
  const fetched = path.dirname(await wasm3Source());
  const files = await readdir(fetched, { recursive: true });
  const file = files.find((name) => name.endsWith("wasm3/source/m3_env.h"));
  if (file === undefined) throw new Error(`${fetched} does not hold wasm3 as it was fetched`);
  return path.join(fetched, path.dirname(path.dirname(file)));
}

/** @throws BUILD_NO_COMPILER with what installs it */
export async function needTool(command: string, packages: string): Promise<void> {
  if ((await run(command, ["--version"]))?.status === 0) return;
  throw new RosehipError("BUILD_NO_COMPILER", `${command} is missing.`, {
    remedy: `Run \`sudo apt-get install ${packages}\`.`,
  });
}

export interface ProjectOptions {
  /** Folder with the project's CMakeLists.txt. */
  readonly project: string;
  readonly build: string;
  readonly compiler: ChipCompiler;
  /** CMake variables. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly environment?: NodeJS.ProcessEnv;
}

/** As `idf.py reconfigure`. */
export async function configure(options: ProjectOptions): Promise<Output> {
  const { compiler, variables = {} } = options;
  const definitions = {
    IDF_TARGET: compiler.chip,
    PYTHON: await kconfigPython(),
    CMAKE_SYSTEM_NAME: "Generic",
    CMAKE_C_COMPILER: compiler.command,
    CMAKE_ASM_COMPILER: compiler.command,
    CMAKE_C_COMPILER_WORKS: "1",
    CMAKE_C_FLAGS: compiler.flags.join(" "),
    CMAKE_ASM_FLAGS: compiler.flags.filter((flag) => flag.startsWith("-m")).join(" "),
    ...variables,
  };
  const args = Object.entries(definitions).map(([name, value]) => `-D${name}=${value}`);
  return need(
    "cmake",
    await run("cmake", ["-G", "Ninja", "-S", options.project, "-B", options.build, ...args], {
      env: { ...process.env, IDF_PATH: standIn, ...options.environment },
    }),
  );
}

/** As `idf.py build`, up to the link. */
export async function compile(build: string): Promise<Output> {
  return need("ninja-build", await run("ninja", ["-C", build, "-j", "2"]));
}

function need(packages: string, output: Output | undefined): Output {
  if (output !== undefined) return output;
  throw new RosehipError("BUILD_NO_COMPILER", `${packages} is missing.`, {
    remedy: `Run \`sudo apt-get install ${packages}\`.`,
  });
}

/** The ESP32 port on this computer with sanitizers: its firmware by host/main.c, or another main's program. */
export async function buildOnHost(main: "main" | "test_pins" = "main"): Promise<string> {
  const options = { sanitize: true };
  const defines = ["-D_GNU_SOURCE", "-DCONFIG_IDF_TARGET_ESP32C3=1", "-DCONFIG_ESP_CONSOLE_UART_NUM=0"];
  const unity = await unitySource();
  const includes = [path.join(standIn, "include"), projectFile("firmware/port/esp32/include")];
  const host = await cFiles(path.join(standIn, "host"));
  const isOther = (file: string) => /^(main|test_pins)\.c$/.test(path.basename(file));
  const chip: SourceGroup = {
    sources: [
      ...(await cFiles(projectFile("firmware/port/esp32"))),
      ...host.filter((file) => !isOther(file) || path.basename(file, ".c") === main),
    ],
    includes: [...includes, projectFile("firmware/include")],
    flags: [
      "-std=gnu17",
      "-Wall",
      "-Wextra",
      "-Werror",
      "-pthread",
      ...defines,
      "-DUNITY_SUPPORT_64",
      "-isystem",
      unity,
    ],
  };
  const framework: SourceGroup = {
    sources: [path.join(unity, "unity.c")],
    includes: [unity],
    flags: ["-w", "-fno-sanitize=all", "-DUNITY_SUPPORT_64"],
  };
  const groups = [await wasm3Group(options), await coreGroup(options), chip];
  if (main !== "main") groups.push(framework);
  const name = main === "main" ? "esp32" : `esp32-${main}`;
  const built = await buildProgram({ name, groups, linkFlags: [...LINK_FLAGS, "-pthread"] }, options);
  return built.path;
}

async function cFiles(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((file) => file.endsWith(".c")).map((file) => path.join(folder, file));
}
