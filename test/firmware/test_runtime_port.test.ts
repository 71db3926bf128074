/** The firmware as a process on this computer: its command line, its exit status, its terminal. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildFirmware } from "../../toolchain/firmware/firmware.js";
import { run } from "../../toolchain/firmware/process.js";
import { cacheFolder } from "../../toolchain/project.js";
import { compileRuntimeApp } from "./test_runtime_apps.js";

let firmware: string;
const folder = mkdtempSync(path.join(tmpdir(), "rosehip-port-"));
const apps = cacheFolder("test-firmware", "apps");
const app = path.join(apps, "runtime.wasm");
const notAnApp = path.join(folder, "not-an-app.wasm");
const anyUdp = ["--udp", "127.0.0.1:9"];

beforeAll(async () => {
  firmware = (await buildFirmware()).path;
  await compileRuntimeApp(apps);
  writeFileSync(notAnApp, "\0asm\x01\0\0\0");
});

afterAll(() => rmSync(folder, { recursive: true }));

describe("command line", () => {
  it.each([
    ["no link", ["--app", app], 2, /a link to the agent is missing/],
    ["no app", anyUdp, 2, /--app FILE is missing/],
    [
      "two links",
      [...anyUdp, "--tcp", "h:1", "--app", app],
      2,
      /--udp and --tcp: there can be one link only/,
    ],
    ["an unknown option", ["--nonsense"], 2, /nonsense/],
    ["something extra", [...anyUdp, "--app", app, "extra"], 2, /extra: unexpected/],
    ["a short key", [...anyUdp, "--app", app, "--key", "12"], 2, /--key 12: 8 hex digits/],
    ["a key of 0", [...anyUdp, "--app", app, "--key", "00000000"], 2, /--key/],
    [
      "a domain too high",
      [...anyUdp, "--app", app, "--domain", "233"],
      2,
      /--domain 233: a number from 0 to 232/,
    ],
    ["a negative number", [...anyUdp, "--app", app, "--arena", "-1"], 2, /--arena -1: a number/],
    ["no port", ["--udp", "localhost", "--app", app], 1, /--udp localhost: this is not HOST:PORT/],
    [
      "no folder for the storage",
      [...anyUdp, "--app", app, "--storage", "/dev/null/x"],
      2,
      /--storage \/dev\/null\/x: Not a directory/,
    ],
    ["no such device", ["--serial", "/dev/nothing", "--app", app], 1, /\/dev\/nothing: No such file/],
    ["an odd speed", ["--serial", "/dev/null", "--baud", "12345", "--app", app], 1, /--baud 12345/],
    ["no such file", [...anyUdp, "--app", "/nowhere/app.wasm"], 1, /\/nowhere\/app.wasm: No such file/],
    ["a file that is no app", [...anyUdp, "--app", notAnApp], 1, /rosehip_abi_version/],
    ["too little memory", [...anyUdp, "--app", app, "--arena", "16384"], 1, /arena/],
    [
      "a limit below the app's memory",
      [...anyUdp, "--app", app, "--memory", "4096"],
      1,
      /needs 65536 octets/,
    ],
  ] as const)("says what is wrong: %s", async (_name, args, status, message) => {
    const output = await run(firmware, args);
    expect(output?.stderr).toMatch(message);
    expect(output?.status).toBe(status);
  });

  it("has help", async () => {
    const output = await run(firmware, ["--help"]);
    expect(output?.status).toBe(0);
    expect(output?.stdout).toContain("--budget-ms");
  });
});

async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null) await once(child, "close");
  return child.exitCode;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const start = (...args: string[]) => spawn(firmware, [...args, "--app", app], { stdio: "ignore" });
const exists = (file: string) => lstatSync(file, { throwIfNoEntry: false }) !== undefined;

describe("process", () => {
  it.each([["SIGTERM"], ["SIGINT"]] as const)(
    "ends cleanly on %s and takes its link away",
    async (signal) => {
      const pty = path.join(folder, "board");
      const child = start("--pty", pty);
      await until(() => exists(pty));
      child.kill(signal);
      expect(await ended(child)).toBe(0);
      expect(exists(pty)).toBe(false);
    },
  );

  it("takes over the link that a killed one left", async () => {
    const pty = path.join(folder, "left");
    const first = start("--pty", pty);
    await until(() => exists(pty));
    first.kill("SIGKILL");
    await ended(first);
    expect(exists(pty)).toBe(true);
    const second = start("--pty", pty);
    await until(() => existsSync(pty)); // the link leads somewhere again
    second.kill();
    expect(await ended(second)).toBe(0);
  });

  it("keeps what the app stores over its restarts", async () => {
    const storage = path.join(folder, "storage");
    const counter = ["--udp", "127.0.0.1:9", "--app", path.join(apps, "storage.wasm")];
    const line = async (...args: string[]) => {
      const child = spawn(firmware, [...counter, ...args], { stdio: ["ignore", "pipe", "ignore"] });
      const [first] = await once(child.stdout, "data");
      child.kill("SIGKILL");
      await ended(child);
      return String(first);
    };
    for (let run = 1; run <= 3; run++) {
      expect(await line("--storage", storage)).toContain(`[storage]: start ${run}`);
    }
    expect(readdirSync(storage)).toHaveLength(1);
    expect(await line()).toContain("[storage]: error -10");
  });

  it("does not touch a file that is in the way", async () => {
    const file = path.join(folder, "precious");
    writeFileSync(file, "data");
    const output = await run(firmware, ["--pty", file, "--app", app]);
    expect(output?.status).toBe(1);
    expect(output?.stderr).toContain("there is a file of this name");
    expect(readFileSync(file, "utf8")).toBe("data");
  });

  it.skipIf(process.platform !== "linux")("sleeps when there is nothing to do", async () => {
    const child = start("--pty", path.join(folder, "idle"));
    await until(() => exists(path.join(folder, "idle")));
    const ticks = () => {
      const fields = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(" ");
      return Number(fields[13]) + Number(fields[14]); // of 10 ms: user and system time
    };
    const before = ticks();
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect(ticks() - before).toBeLessThanOrEqual(5);
    child.kill();
    await ended(child);
  });
});
