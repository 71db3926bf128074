/** A C program of these tests in one of the firmware's engines; in C, all apps are linked in. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { translate } from "../../toolchain/aot/translate.js";
import { AOT_FLAGS, coreGroup, LINK_FLAGS, WARNINGS, wasm3Group } from "../../toolchain/firmware/firmware.js";
import { buildProgram, type SourceGroup } from "../../toolchain/firmware/program.js";
import { cacheFolder, projectFile } from "../../toolchain/project.js";

export interface LinkedApp {
  readonly title: string;
  readonly wasm: Uint8Array;
}

/** @param source the program's, beside this file */
export async function wasm3Program(source: string): Promise<string> {
  const groups = [await wasm3Group(), await coreGroup(), ownGroup(source, [])];
  return build(`differential-${source}-wasm3`, groups);
}

/** The program finds the apps in `apps`, in this order. */
export async function aotProgram(source: string, apps: readonly LinkedApp[]): Promise<string> {
  const folder = cacheFolder("differential", path.parse(source).name, "c");
  await mkdir(folder, { recursive: true });
  const group = await appGroup(folder, await translateAll(folder, apps));
  const own = ownGroup(source, ["-DROSEHIP_ENGINE_AOT"]);
  return build(`differential-${source}-aot`, [await coreGroup({ engine: "aot" }), own, group]);
}

async function build(name: string, groups: readonly SourceGroup[]): Promise<string> {
  return (await buildProgram({ name: name.replace(".c", ""), groups, linkFlags: LINK_FLAGS })).path;
}

const INCLUDES = [projectFile("firmware/include"), projectFile("firmware/src")];

function ownGroup(source: string, engine: readonly string[]) {
  const sources = [projectFile("test/differential", source)];
  return { sources, includes: INCLUDES, flags: [...WARNINGS, "-O1", ...engine] };
}

/** All apps as C, in files named by what they are made of. */
async function translateAll(folder: string, apps: readonly LinkedApp[]): Promise<string[]> {
  const translator = await translatorSum();
  const files = apps.map(({ wasm }) => {
    const sum = createHash("sha256").update(translator).update(wasm).digest("hex").slice(0, 16);
    return path.join(folder, `${sum}.c`);
  });
  const queue = [...apps.entries()];
  const worker = async () => {
    for (let each = queue.shift(); each !== undefined; each = queue.shift()) {
      const [index, { wasm, title }] = each;
      const file = files[index] ?? "";
      if (!existsSync(file)) await writeFile(file, await translate(wasm, title));
    }
  };
  await Promise.all([worker(), worker()]);
  return files;
}

/** The translator's own sources: with the same ones the same module becomes the same C. */
async function translatorSum(): Promise<string> {
  const folder = projectFile("toolchain/aot");
  const hash = createHash("sha256");
  for (const name of (await readdir(folder)).sort()) hash.update(await readFile(path.join(folder, name)));
  return hash.digest("hex").slice(0, 8);
}

/**
 * A file for each app, which includes it under a name of its own, and a list of them. They are another's C, so the
 * compiler's opinion of it is not asked.
 */
async function appGroup(folder: string, files: readonly string[]) {
  const wrappers = files.map((_, index) => path.join(folder, `app_${index}.c`));
  for (const [index, file] of files.entries()) {
    await writeFile(wrappers[index] ?? "", `#define rosehip_aot_app app_${index}\n#include "${file}"\n`);
  }
  const list = path.join(folder, "list.c");
  const declarations = files.map((_, index) => `const rosehip_aot_app_t* app_${index}(void);`);
  const entries = files.map((_, index) => `    app_${index},`);
  const table = ["const rosehip_aot_app_t* (*const apps[])(void) = {", ...entries, "};"];
  await writeFile(list, ['#include "aot/aot_app.h"', ...declarations, ...table, ""].join("\n"));
  return { sources: [...wrappers, list], includes: INCLUDES, flags: ["-std=c11", "-w", "-O1", ...AOT_FLAGS] };
}

/** What the program writes. @throws if it fails */
export function runProgram(program: string, args: readonly string[], input = ""): string[] {
  const { stdout, status, error } = spawnSync(program, args, { input, encoding: "utf8", maxBuffer: 1 << 28 });
  if (error) throw error;
  if (status !== 0) throw new Error(`${path.basename(program)}: status ${status}, ${stdout.slice(-300)}`);
  return stdout.trimEnd().split("\n");
}
