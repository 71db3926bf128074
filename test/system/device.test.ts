/** ROSEHIP_DEVICE: a part of the suite against a board that runs already; here it is one on this computer. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, it } from "vitest";
import { buildApp } from "../../toolchain/build/build.js";
import { buildFirmware } from "../../toolchain/firmware/firmware.js";
import { projectFile } from "../../toolchain/project.js";
import { freshDomain } from "../worker.js";
import { endAll, RunningProcess } from "./process.js";

const folder = mkdtempSync(path.join(tmpdir(), "rosehip-device-"));
afterAll(async () => {
  await endAll();
  rmSync(folder, { recursive: true });
});

it("is deployed to and tested, with no restart", async () => {
  const device = path.join(folder, "ttyUSB0");
  const env = { ...process.env, ROS_DOMAIN_ID: String(freshDomain()), ROSEHIP_DEVICE: device };
  const { wasmPath } = await buildApp({ entry: projectFile("examples/add_two_ints"), outDir: folder });
  const flash = ["--flash", path.join(folder, "flash"), "--flash-size", "262144"];
  const { path: firmware } = await buildFirmware();
  const board = new RunningProcess("device", firmware, ["--pty", device, "--app", wasmPath, ...flash], env);
  await expect.poll(() => existsSync(device)).toBe(true);
  const suite = new RunningProcess(
    "suite",
    process.execPath,
    [
      projectFile("node_modules/vitest/vitest.mjs"),
      ...["run", "--project", "system", projectFile("test/system/faults.test.ts")],
    ],
    { ...env, NO_COLOR: "1" },
  );
  expect(await suite.exited, suite.transcript()).toBe(0);
  expect(suite.transcript()).toMatch(/Tests +6 passed \(6\)/);
  expect(board.isRunning).toBe(true);
  expect(board.transcript()).toContain("connected to the agent");
});
