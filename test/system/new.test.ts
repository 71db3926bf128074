/** `rosehip new`: what it makes builds, passes its own test, and has no mistakes in the eyes of an editor. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { exampleNames } from "../../cli/new.js";
import { buildApp } from "../../toolchain/build/build.js";
import { projectFile, projectRoot } from "../../toolchain/project.js";
import { endAll, RunningProcess } from "./process.js";

const MAIN = projectFile("dist/cli/main.js");
const folder = mkdtempSync(path.join(tmpdir(), "rosehip-new-"));
afterEach(endAll);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Node with a script in a folder. @returns its status and what it wrote */
async function run(cwd: string, script: string, ...args: string[]) {
  const child = new RunningProcess(
    path.basename(script),
    process.execPath,
    [script, ...args],
    process.env,
    cwd,
  );
  return { status: await child.exited, text: child.lines.join("\n") };
}

/** What `npm install` does for it, with what is installed here. */
function install(app: string): void {
  mkdirSync(path.join(app, "node_modules"));
  symlinkSync(projectRoot, path.join(app, "node_modules/rosehip"));
  for (const name of ["vitest", "typescript"]) {
    symlinkSync(projectFile("node_modules", name), path.join(app, "node_modules", name));
  }
}

const typeCheck = (app: string) => run(app, projectFile("node_modules/typescript/bin/tsc"), "-p", ".");

it("makes an app that builds, type-checks and passes its test", async () => {
  const app = path.join(folder, "My First_Robot");
  const made = await run(folder, MAIN, "new", app);
  expect(made.text).toContain("npm install");
  expect(made.status).toBe(0);
  expect(readdirSync(app).sort()).toEqual([
    ".gitignore",
    "app.test.ts",
    "app.ts",
    "package.json",
    "tsconfig.json",
  ]);
  expect(JSON.parse(readFileSync(path.join(app, "package.json"), "utf8"))).toMatchObject({
    name: "my-first_robot",
    dependencies: { rosehip: `file:${path.relative(app, projectRoot)}` },
  });
  install(app);
  expect(await run(app, MAIN, "build")).toMatchObject({ status: 0 });
  expect(await typeCheck(app)).toEqual({ status: 0, text: "" });
  const test = await run(
    app,
    projectFile("node_modules/vitest/vitest.mjs"),
    "run",
    "--no-color",
    "--testTimeout",
    "60000",
  );
  expect(test.text).toContain("1 passed");
  expect(test.status).toBe(0);
});

it("an editor shows a misspelt field of an interface", async () => {
  const app = path.join(folder, "misspelt");
  await run(folder, MAIN, "new", app);
  install(app);
  await run(app, MAIN, "build");
  const source = path.join(app, "app.ts");
  writeFileSync(source, readFileSync(source, "utf8").replace("response.sum", "response.summ"));
  const { status, text } = await typeCheck(app);
  expect(text).toMatch(/app\.ts\(\d+,\d+\): error TS\d+: Property 'summ'/);
  expect(status).not.toBe(0);
});

it("does not write into a folder that has something in it", async () => {
  const { status, text } = await run(folder, MAIN, "new", projectFile("cli"));
  expect(text).toContain("CLI_NEW_FOLDER");
  expect(status).toBe(2);
});

it("names the examples there are", async () => {
  const { status, text } = await run(folder, MAIN, "new", "other", "--from", "nonsense");
  expect(text).toMatch(/CLI_NEW_EXAMPLE[\s\S]*add_two_ints, /);
  expect(status).toBe(2);
});

describe("an editor finds no mistake in", () => {
  it.each(exampleNames())("examples/%s", async (name) => {
    const app = projectFile("examples", name);
    await buildApp({ entry: app });
    expect(await typeCheck(app)).toEqual({ status: 0, text: "" });
  });
});
