/** toolchain/setup.mjs in a small checkout, whose npm and tsc only note that they ran. */
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { projectFile } from "../../toolchain/project.js";

const { include } = JSON.parse(readFileSync(projectFile("tsconfig.json"), "utf8")) as { include: string[] };
const FOLDERS = include.map((pattern) => pattern.split("/")[0] ?? "");

let checkout: string;

function write(name: string, text: string, mode = 0o644): void {
  const file = path.join(checkout, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text, { mode });
}

beforeEach(() => {
  checkout = mkdtempSync(path.join(tmpdir(), "rosehip-setup-"));
  mkdirSync(path.join(checkout, "toolchain"));
  copyFileSync(projectFile("toolchain/setup.mjs"), path.join(checkout, "toolchain/setup.mjs"));
  for (const name of ["tsconfig.json", "tsconfig.build.json"]) {
    copyFileSync(projectFile(name), path.join(checkout, name));
  }
  write("package.json", "{}");
  write("package-lock.json", "{}");
  write("bin/npm", '#!/bin/sh\nmkdir -p node_modules\necho npm "$1" >> steps\n', 0o755);
  write(
    "node_modules/typescript/bin/tsc",
    'const fs = require("fs"); fs.mkdirSync("dist/cli", { recursive: true }); fs.appendFileSync("steps", "tsc\\n");',
  );
});
afterEach(() => rmSync(checkout, { recursive: true, force: true }));

/** Runs the set-up. @returns which steps it took */
function setUp(): string[] {
  const steps = path.join(checkout, "steps");
  rmSync(steps, { force: true });
  const { status, stderr } = spawnSync(process.execPath, ["toolchain/setup.mjs"], {
    cwd: checkout,
    encoding: "utf8",
    env: { ...process.env, PATH: `${path.join(checkout, "bin")}:${process.env["PATH"]}` },
  });
  expect(status, stderr).toBe(0);
  return existsSync(steps) ? readFileSync(steps, "utf8").trim().split("\n") : [];
}

it("installs and compiles once, also if folders are missing", () => {
  expect(setUp()).toEqual(["npm ci", "tsc"]);
  expect(setUp()).toEqual([]);
});

it.each(FOLDERS)("compiles again when something in %s/ has changed, has come or has gone", (folder) => {
  const source = path.join(checkout, folder, "deep/source.ts");
  setUp();
  write(`${folder}/deep/source.ts`, "export {};\n");
  expect(setUp()).toEqual(["tsc"]);
  utimesSync(source, 1, 1);
  expect(setUp()).toEqual(["tsc"]);
  expect(setUp()).toEqual([]);
  rmSync(source);
  expect(setUp()).toEqual(["tsc"]);
});

it.each(["tsconfig.json", "tsconfig.build.json"])("compiles again when %s has changed", (name) => {
  setUp();
  write(name, `${readFileSync(path.join(checkout, name), "utf8")}\n`);
  expect(setUp()).toEqual(["tsc"]);
});

it("installs again when the packages have changed", () => {
  setUp();
  write("package-lock.json", '{ "lockfileVersion": 3 }');
  expect(setUp()).toEqual(["npm ci"]);
});
