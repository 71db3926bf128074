/** The project's platformio.ini and library.json, by PlatformIO itself. */
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { run } from "../../toolchain/firmware/process.js";
import { TARGETS } from "../../toolchain/firmware/target.js";
import { wasm3Source } from "../../toolchain/firmware/wasm3.js";
import { projectFile } from "../../toolchain/project.js";
import { type PlatformIo, platformIo } from "./platformio.js";

interface Results {
  readonly test_suites: readonly {
    readonly test_name: string;
    readonly status: string;
    readonly test_cases?: readonly { readonly name: string; readonly status: string }[];
  }[];
}

const EMULATED = TARGETS.filter((target) => target !== "native");

let platform: PlatformIo;

beforeAll(async () => {
  platform = await platformIo();
});

describe("platformio.ini", () => {
  it("has no option that PlatformIO does not know", async () => {
    const output = await platform.pio("project", "config", "--lint", "--json-output");
    expect(output.stderr).toBe("");
    expect(output.stdout.trim()).toBe("{'errors': [], 'warnings': []}"); // what it calls JSON
  });

  it("builds the firmware", async () => {
    const output = await pio("native", "run");
    expect(output.status, output.stdout + output.stderr).toBe(0);
    const help = await run(path.join(platform.workspace, "run/native/program"), ["--help"]);
    expect(help?.stdout).toContain("usage: rosehip-firmware");
  });

  it("runs every Unity test, as the other builds do", async () => {
    expect(await unityTests("native")).toEqual(await declaredTests());
  });

  it.each(EMULATED)("builds the firmware for %s", async (target) => {
    const output = await pio(target, "run");
    expect(output.status, output.stdout + output.stderr).toBe(0);
    expect(output.stdout + output.stderr).not.toMatch(/\bwarning:/);
  });

  it("runs those Unity tests on an emulated board that need no files of this computer", async () => {
    const passed = await unityTests("qemu_riscv32");
    const declared = await declaredTests();
    expect(Object.keys(passed).length).toBeGreaterThanOrEqual(5);
    expect(passed).toEqual(Object.fromEntries(Object.keys(passed).map((name) => [name, declared[name]])));
  });
});

describe("library.json", () => {
  it("names the wasm3 that the other builds fetch", async () => {
    const { dependencies } = JSON.parse(await readFile(projectFile("library.json"), "utf8")) as {
      dependencies: { wasm3: string };
    };
    const source = await readFile(projectFile("toolchain/firmware/wasm3.ts"), "utf8");
    const [, url, tag] = /git: \{ url: "([^"]+)", tag: "([^"]+)" \}/.exec(source) ?? [];
    expect(dependencies.wasm3).toBe(`${url}#${tag}`);
  });

  it("makes wasm3 what it is in the other builds", async () => {
    const folders = [path.join(platform.workspace, "test/native/wasm3-source"), await wasm3Source()];
    const [actual, expected] = await Promise.all(folders.map(contents));
    expect(actual).toEqual(expected);
  });
});

function pio(environment: string, command: string, ...args: string[]) {
  const configuration = ["-d", projectFile(), "-c", platform.configuration];
  return platform.pio(command, ...configuration, "-e", environment, ...args);
}

/** Runs `pio test`. @returns which tests passed */
async function unityTests(environment: string): Promise<Record<string, string[]>> {
  const file = path.join(platform.workspace, `${environment}.json`);
  const output = await pio(environment, "test", "--json-output-path", file);
  const text = output.stdout + output.stderr;
  expect(output.status, text).toBe(0);
  expect(text).not.toMatch(/\bwarning:/);
  const results = JSON.parse(await readFile(file, "utf8")) as Results;
  const run = results.test_suites.filter((suite) => suite.status !== "SKIPPED");
  return Object.fromEntries(
    run.map(({ test_name, test_cases = [] }) => [
      test_name,
      test_cases.filter((each) => each.status === "PASSED").map((each) => each.name),
    ]),
  );
}

/** What each test program's main names. */
async function declaredTests(): Promise<Record<string, string[]>> {
  const declared: Record<string, string[]> = {};
  for (const name of await readdir(projectFile("test/firmware"))) {
    if (!/^test_\w+$/.test(name)) continue;
    const source = await readFile(projectFile("test/firmware", name, `${name}.c`), "utf8");
    declared[name] = [...source.matchAll(/^ {2}RUN_TEST\((\w+)/gm)].map((match) => match[1] ?? "");
  }
  return declared;
}

async function contents(folder: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const name of await readdir(folder)) files[name] = await readFile(path.join(folder, name), "utf8");
  return files;
}
