/** The ESP32 port against a contract of the ESP-IDF calls that it uses; see esp_idf/README.md. */
import { cp, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { appSource } from "../../toolchain/aot/source.js";
import { buildApp } from "../../toolchain/build/build.js";
import { monocypherSource } from "../../toolchain/firmware/monocypher.js";
import { run } from "../../toolchain/firmware/process.js";
import { wasm3Source } from "../../toolchain/firmware/wasm3.js";
import { projectFile, projectRoot } from "../../toolchain/project.js";
import { runUnity } from "./c_test.js";
import {
  buildOnHost,
  CHIP_COMPILERS,
  type ChipCompiler,
  compile,
  configure,
  emptyFolder,
  fetchedWasm3,
  kconfigPython,
  needTool,
  standIn,
} from "./esp_idf.js";

const port = projectFile("firmware/port/esp32");
const example = path.join(port, "example");
const [RISCV, , XTENSA] = CHIP_COMPILERS as [ChipCompiler, ChipCompiler, ChipCompiler];

/** Settings of menuconfig, by what they are for; those of USB are for chips that have it. */
const SETTINGS: Readonly<Record<string, readonly string[]>> = {
  "as it comes": [],
  "UART1 on pins of its own, all hardware": [
    "CONFIG_ROSEHIP_UART_NUM=1",
    "CONFIG_ROSEHIP_UART_TX_PIN=4",
    "CONFIG_ROSEHIP_UART_RX_PIN=5",
    "CONFIG_ROSEHIP_UART_BAUD=921600",
    "CONFIG_ROSEHIP_ADC=y",
    "CONFIG_ROSEHIP_ADC_CALIBRATION=y",
    "CONFIG_UART_ISR_IN_IRAM=y",
  ],
  "USB, no hardware, no watchdog": [
    "CONFIG_ROSEHIP_LINK_USB=y",
    "# CONFIG_ROSEHIP_HARDWARE is not set",
    "# CONFIG_ROSEHIP_WATCHDOG is not set",
  ],
  "UDP over Wi-Fi, PSRAM": [
    "CONFIG_ROSEHIP_LINK_UDP=y",
    'CONFIG_ROSEHIP_WIFI_SSID="net"',
    "CONFIG_SPIRAM=y",
    "CONFIG_ROSEHIP_ARENA_SPIRAM=y",
  ],
  "TCP over a network of the project": ["CONFIG_ROSEHIP_LINK_TCP=y", "# CONFIG_ROSEHIP_WIFI is not set"],
};

const WARNINGS = ["-std=gnu17", "-Wall", "-Wextra", "-Werror", "-Os", "-c", "-o", "/dev/null"];
/** What was a warning before; `-w` does not allow it. */
const REFUSED_BY_GCC_14 = [
  "-Werror=implicit-function-declaration",
  "-Werror=implicit-int",
  "-Werror=incompatible-pointer-types",
  "-Werror=int-conversion",
  "-Werror=return-type",
];
const INCLUDES = [
  path.join(standIn, "include"),
  path.join(standIn, "include_lwip"),
  projectFile("firmware/include"),
  path.join(port, "include"),
];

let app: string;
let wasm3: string;

beforeAll(async () => {
  for (const { command, packages } of CHIP_COMPILERS) await needTool(command, packages);
  wasm3 = await fetchedWasm3();
  app = path.join(await emptyFolder("app"), "hello.wasm");
  await writeFile(app, "\0asm");
});

async function portSources(): Promise<string[]> {
  const files = (await readdir(port)).filter((file) => file.endsWith(".c"));
  return [...files.map((file) => path.join(port, file)), path.join(example, "main/main.c")];
}

/** Every source of the port, one compiler at a time, with these flags. */
async function compileAll(compiler: ChipCompiler, flags: readonly string[]): Promise<string[]> {
  const complaints: string[] = [];
  const args = [...compiler.flags, ...WARNINGS, ...INCLUDES.map((folder) => `-I${folder}`), ...flags];
  for (const source of await portSources()) {
    const output = await run(compiler.command, [...args, source]);
    if (output?.status !== 0 || output.stderr !== "") complaints.push(output?.stderr ?? compiler.command);
  }
  return complaints;
}

describe.each(CHIP_COMPILERS)("ESP32 port, $name", (compiler) => {
  it.each(Object.entries(SETTINGS))("has no warnings: %s", async (name, lines) => {
    const folder = await emptyFolder(`${compiler.name} ${name}`.replace(/\W+/g, "_"));
    const defaults = path.join(folder, "defaults");
    await writeFile(defaults, `${lines.join("\n")}\n`);
    const output = await run(await kconfigPython(), [
      ...[path.join(standIn, "kconfig.py"), compiler.chip],
      ...[path.join(folder, "sdkconfig.h"), path.join(folder, "sdkconfig.cmake")],
      ...[path.join(port, "Kconfig"), "--", defaults],
    ]);
    expect(output).toMatchObject({ status: 0, stderr: "" });
    const flags = [`-I${folder}`, "-include", path.join(folder, "sdkconfig.h")];
    expect(await compileAll(compiler, flags)).toEqual([]);
  });

  it("has in its engine nothing that gcc 14 refuses", async () => {
    const engine = await wasm3Source();
    const included = ["-include", projectFile("firmware/src/wasm/wasm3_config.h")];
    const folders = [engine, projectFile("firmware/src/wasm"), projectFile("firmware/include")];
    const flags = [...compiler.flags, "-std=gnu17", "-Os", "-c", "-o", "/dev/null", ...REFUSED_BY_GCC_14];
    for (const file of (await readdir(engine)).filter((name) => name.endsWith(".c"))) {
      const sources = folders.map((folder) => `-I${folder}`).concat(included, path.join(engine, file));
      const output = await run(compiler.command, [...flags, ...sources]);
      expect(output?.status, output?.stderr).toBe(0);
    }
  });

  it("has no warnings without Kconfig, as below Arduino", async () => {
    const flags = ["-DROSEHIP_WIFI=1", "-DROSEHIP_ADC=1"];
    const chip = `-DCONFIG_IDF_TARGET_${compiler.chip.toUpperCase()}=1`;
    expect(await compileAll(compiler, [chip, ...flags])).toEqual([]);
  });
});

describe("Rosehip as a component of ESP-IDF", () => {
  it("builds the example, whose app is embedded", async () => {
    const build = await emptyFolder("example");
    const variables = { ROSEHIP_APP: app, ROSEHIP_WASM3_DIR: wasm3 };
    const configured = await configure({ project: example, build, compiler: RISCV, variables });
    expect(configured.status, configured.stderr).toBe(0);
    const built = await compile(build);
    expect(built.status, built.stdout).toBe(0);
    expect(built.stdout).not.toMatch(/warning:/);
    expect(await foreignSymbols(build)).toEqual([]);
  });

  it("builds as a whole below components/, for the ESP32, with the folder of wasm3 in the environment", async () => {
    const project = await projectWith(projectRoot, "rosehip-main"); // as archives of it are called
    const build = path.join(project, "build");
    const environment = { ROSEHIP_WASM3_DIR: path.join(wasm3, "source"), ROSEHIP_APP: app };
    const configured = await configure({ project, build, compiler: XTENSA, environment });
    expect(configured.status, configured.stderr).toBe(0);
    const built = await compile(build);
    expect(built.status, built.stdout).toBe(0);
  });

  it("builds the project that docs/porting.md shows", async () => {
    const project = await emptyFolder("documented");
    const text = await readFile(projectFile("docs/porting.md"), "utf8");
    const files = [...text.matchAll(/^`(\S+)`\n\n```\w+\n(.*?)^```$/gms)];
    expect(files.map(([, name]) => name)).toEqual(["CMakeLists.txt", "main/CMakeLists.txt", "main/main.c"]);
    await mkdir(path.join(project, "main"));
    for (const [, name = "", content = ""] of files) await writeFile(path.join(project, name), content);
    await cp(app, path.join(project, "main/app.wasm"));
    await mkdir(path.join(project, "components"));
    await symlink(projectRoot, path.join(project, "components/rosehip"));
    const build = path.join(project, "build");
    const environment = { ROSEHIP_WASM3_DIR: wasm3 };
    const configured = await configure({ project, build, compiler: RISCV, environment });
    expect(configured.status, configured.stderr).toBe(0);
    const built = await compile(build);
    expect(built.status, built.stdout).toBe(0);
    expect(built.stdout).not.toMatch(/warning:/);
    expect(await foreignSymbols(build)).toEqual([]);
  });

  it("takes only apps of a key, if it is built with one", async () => {
    const build = await emptyFolder("signed");
    const key = Array.from({ length: 32 }, (_, index) => index).join(",");
    const variables = {
      ROSEHIP_APP: app,
      ROSEHIP_WASM3_DIR: wasm3,
      ROSEHIP_MONOCYPHER_DIR: await monocypherSource(),
    };
    const defaults = path.join(build, "defaults");
    await writeFile(defaults, `CONFIG_ROSEHIP_APP_KEY="${key}"\n`);
    const options = { project: example, build, compiler: RISCV };
    const configured = await configure({
      ...options,
      variables: { ...variables, SDKCONFIG_DEFAULTS: defaults },
    });
    expect(configured.status, configured.stderr).toBe(0);
    const built = await compile(build);
    expect(built.status, built.stdout).toBe(0);
    expect(built.stdout).not.toMatch(/warning:/);
    expect(await foreignSymbols(build)).toEqual([]);
    const defined = await run("riscv64-unknown-elf-nm", [
      "--defined-only",
      path.join(build, "esp-idf/rosehip/lib__idf_rosehip.a"),
    ]);
    expect(defined?.stdout).toMatch(/ T rosehip_app_verify$/m);
  });

  it("builds although a compiler warns, and tells it", async () => {
    const build = await emptyFolder("warned");
    const more = path.join(build, "more.c");
    await writeFile(more, "int more(int a);\nint more(int a) { if (a = 3) return a; return 0; }\n");
    const variables = { ROSEHIP_APP: app, ROSEHIP_WASM3_DIR: wasm3, ROSEHIP_MAIN: more };
    const configured = await configure({ project: example, build, compiler: RISCV, variables });
    expect(configured.status, configured.stderr).toBe(0);
    const built = await compile(build);
    expect(built.status, built.stdout).toBe(0);
    expect(built.stdout).toContain("[-Wparentheses]");
  });

  it("builds with an app in C, and without wasm3 then", async () => {
    const build = await emptyFolder("aot");
    const { wasmPath } = await buildApp({ entry: projectFile("examples/add_two_ints"), outDir: build });
    const { file } = await appSource(wasmPath);
    const configured = await configure({
      project: example,
      build,
      compiler: XTENSA,
      variables: { ROSEHIP_APP_C: file },
    });
    expect(configured.status, configured.stderr).toBe(0);
    const built = await compile(build);
    expect(built.status, built.stdout).toBe(0);
    expect(built.stdout).not.toMatch(/warning:|\bm3_/);
  });

  it.each([
    ["through a symbolic link below components/", {}, "components/rosehip"],
    ["named by EXTRA_COMPONENT_DIRS", { EXTRA_COMPONENT_DIRS: port }, undefined],
    ["copied, told where the rest is", { ROSEHIP_DIR: projectRoot }, "copy"],
  ])("finds itself %s", async (_how, where, place) => {
    const project = await projectWith(
      place === undefined ? undefined : port,
      "rosehip",
      place === "copy" ? cp : undefined,
    );
    const variables = { ROSEHIP_APP: app, ROSEHIP_WASM3_DIR: wasm3, ...where };
    const build = path.join(project, "build");
    const configured = await configure({ project, build, compiler: RISCV, variables });
    expect(configured.status, configured.stderr).toBe(0);
    expect(await readFile(path.join(build, "build.ninja"), "utf8")).toContain("uart_link.c.obj");
  });

  it("is PlatformIO's project, too", async () => {
    const build = await emptyFolder("platformio");
    const variables = {
      EXTRA_COMPONENT_DIRS: projectFile("firmware"),
      SDKCONFIG_DEFAULTS: path.join(port, "platformio.defaults"),
      ROSEHIP_WASM3_DIR: wasm3,
    };
    const environment = { ROSEHIP_APP: "app.wasm" };
    const options = { project: projectRoot, build, compiler: RISCV, variables };
    expect((await configure(options)).stderr.replace(/\s+/g, " ")).toContain(
      "ROSEHIP_APP=/path/to/app.wasm pio run",
    );
    const configured = await configure({ ...options, environment });
    expect(configured.status, configured.stderr).toBe(0);
    const rules = await readFile(path.join(build, "build.ninja"), "utf8");
    expect(rules).toContain("__idf_firmware.dir/port/esp32/example/main/main.c.obj");
  });

  it("makes wasm3 what it is in the other builds", async () => {
    const folder = await emptyFolder("wasm3");
    const script = projectFile("toolchain/firmware/wasm3_prepare.py");
    const output = await run("python3", [script, path.join(wasm3, "source"), folder]);
    expect(output).toMatchObject({ status: 0, stderr: "" });
    expect(await contents(folder)).toEqual(await contents(await wasm3Source()));
  });

  it("says what is wrong and what helps", async () => {
    const refusal = async (project: string, variables: Record<string, string>) => {
      const build = await emptyFolder("wrong");
      const output = await configure({ project, build, compiler: RISCV, variables });
      expect(output.status).not.toBe(0);
      return output.stderr.replace(/\s+/g, " ");
    };
    const alone = await projectWith(port, "rosehip", cp);
    expect(await refusal(alone, { ROSEHIP_APP: app })).toContain(
      "make a symbolic link to firmware/port/esp32 instead of a copy, or set ROSEHIP_DIR",
    );
    expect(await refusal(example, { ROSEHIP_APP: app, ROSEHIP_APP_C: "/nowhere/app.c" })).toContain(
      "make it with `rosehip build --target c`",
    );
  });

  it("says what is still to be set when it is built, not before: set-target and menuconfig come first", async () => {
    const whole = { ROSEHIP_APP: app, ROSEHIP_WASM3_DIR: wasm3 };
    const other = path.join(await emptyFolder("other-wasm3"), "source");
    await cp(path.join(wasm3, "source"), other, { recursive: true });
    await writeFile(path.join(other, "m3_exec.h"), "// another version\n");
    for (const [variables, ...lines] of [
      [
        { ROSEHIP_APP: app },
        `The source of wasm3 is not in ROSEHIP_WASM3_DIR ('').`,
        "idf.py -DROSEHIP_WASM3_DIR=/path/to/wasm3 build",
      ],
      [
        { ...whole, ROSEHIP_WASM3_DIR: other },
        "m3_exec.h of wasm3 is not that of version 0.9.0",
        "git clone",
      ],
      [{ ROSEHIP_WASM3_DIR: wasm3 }, "make one with `rosehip build`"],
      [
        { ...whole, ROSEHIP_APP_KEY: "c0ffee" },
        "ROSEHIP_APP_KEY ('c0ffee') is not the octets of a public key by commas.",
        "docs/deploy.md",
      ],
      [
        { ...whole, ROSEHIP_APP_KEY: "1,2" },
        "git clone --depth 1 --branch 4.0.2 https://github.com/LoupVaillant/Monocypher.git",
      ],
    ] as const) {
      const build = await emptyFolder("unset");
      const configured = await configure({ project: example, build, compiler: RISCV, variables });
      expect(configured.status, configured.stderr).toBe(0);
      const built = await compile(build);
      expect(built.status).not.toBe(0);
      const errors = built.stdout.split("\n").filter((line) => line.includes("error: #error"));
      for (const line of lines) expect(errors.join("\n")).toContain(line);
    }
  });
});

describe("the ESP32 port on the fake chip", async () => {
  const folder = await emptyFolder("chip");
  const program = await buildOnHost("test_pins");
  const cases = await runUnity(program, [path.join(folder, "nvs"), path.join(folder, "apps")]);
  for (const { name, outcome, detail } of cases) {
    it(name.replaceAll("_", " "), () => expect(outcome, detail).toBe("PASS"));
  }
});

/** A project of somebody who has Rosehip, or a part of it, as components/`name`; undefined: elsewhere. */
async function projectWith(
  component: string | undefined,
  name: string,
  put: (from: string, to: string, options: { recursive: true }) => Promise<void> = (from, to) =>
    symlink(from, to),
): Promise<string> {
  const what = component === undefined ? "nothing" : path.basename(component);
  const project = await emptyFolder(`project-${what}-${put === cp ? "copy" : "link"}`);
  await mkdir(path.join(project, "components"));
  await cp(path.join(example, "main"), path.join(project, "main"), { recursive: true });
  if (component !== undefined) {
    await put(component, path.join(project, "components", name), { recursive: true });
  }
  await cp(path.join(example, "CMakeLists.txt"), path.join(project, "CMakeLists.txt"));
  return project;
}

/** What the built libraries need and neither they nor ESP-IDF nor the C library has. */
async function foreignSymbols(build: string): Promise<string[]> {
  const whole = path.join(build, "whole.o");
  const libraries = ["rosehip/lib__idf_rosehip.a", "main/lib__idf_main.a"].map((file) =>
    path.join(build, "esp-idf", file),
  );
  const tool = (name: string, ...args: string[]) => run(`riscv64-unknown-elf-${name}`, args);
  const linked = await tool("ld", "-m", "elf32lriscv", "-r", "--whole-archive", ...libraries, "-o", whole);
  expect(linked).toMatchObject({ status: 0 });
  const names = ((await tool("nm", "-u", whole))?.stdout ?? "")
    .split("\n")
    .map((line) => line.trim().slice(2));
  const headers = await Promise.all(
    [
      path.join(standIn, "include"),
      path.join(standIn, "include_lwip"),
      "/usr/lib/picolibc/riscv64-unknown-elf/include",
    ].map(allText),
  );
  const declared = new Set(headers.join("\n").match(/\b\w+\b/g));
  return names.filter((name) => name !== "" && !name.startsWith("__") && !declared.has(name));
}

async function allText(folder: string): Promise<string> {
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith(".h"));
  return (await Promise.all(files.map((file) => readFile(path.join(folder, file), "utf8")))).join("\n");
}

async function contents(folder: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const name of await readdir(folder)) files[name] = await readFile(path.join(folder, name), "utf8");
  return files;
}
