/**
 * Builds and runs the C tests of the firmware's core: the library once for each compiler under ASan and UBSan, then one
 * program for each test file.
 */
import { existsSync } from "node:fs";
import { mkdir, readdir, stat } from "node:fs/promises";
import path from "node:path";
import { run } from "../../toolchain/firmware/process.js";
import { cacheFolder, projectFile } from "../../toolchain/project.js";
import { unitySource } from "./unity.js";

export interface Compiler {
  readonly name: string;
  readonly command: string;
  readonly flags: readonly string[];
}

export interface UnityCase {
  readonly name: string;
  readonly outcome: "PASS" | "FAIL" | "IGNORE";
  readonly detail: string;
}

const COMPILERS: readonly Compiler[] = [
  { name: "gcc", command: "gcc", flags: [] },
  { name: "gcc -m32", command: "gcc", flags: ["-m32", "-msse2", "-mfpmath=sse"] },
  { name: "clang", command: "clang", flags: [] },
];

const FLAGS = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-g", "-O1", "-fno-omit-frame-pointer"];
const SANITIZE = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];

/** The parts of firmware/src that make up the core; the engine and the runtime have their own tests. */
export const CORE_SOURCES = [
  "arena.c",
  "sentence.c",
  "framing",
  "cdr",
  "xrce",
  "ros2",
  "app_slot",
  "wasm/float_operation.c",
];

/** Those of {@link COMPILERS} that can build and run a sanitized program here. gcc or clang must be there. */
export async function availableCompilers(): Promise<readonly Compiler[]> {
  const probe = await outputFolder("probe");
  const found: Compiler[] = [];
  for (const compiler of COMPILERS) {
    const program = path.join(probe, slug(compiler));
    const args = [
      ...compiler.flags,
      ...SANITIZE,
      projectFile("test/firmware/compiler/probe.c"),
      "-o",
      program,
    ];
    const built = await run(compiler.command, args);
    if (built?.status === 0 && (await run(program, []))?.status === 0) found.push(compiler);
  }
  return found;
}

/** Every .c file of the core, by its path from the project's root. */
export async function coreSources(): Promise<string[]> {
  const sources: string[] = [];
  for (const part of CORE_SOURCES) {
    const where = `firmware/src/${part}`;
    if (part.endsWith(".c")) {
      sources.push(where);
      continue;
    }
    for (const file of await readdir(projectFile(where))) {
      if (file.endsWith(".c")) sources.push(`${where}/${file}`);
    }
  }
  return sources;
}

/**
 * Compiles `sources` (from the project's root) with the core and Unity.
 * @returns the program's path
 * @throws Error with the compiler's messages
 */
export async function build(compiler: Compiler, name: string, sources: readonly string[]): Promise<string> {
  const folder = await outputFolder(slug(compiler));
  const library = await objects(compiler, await coreSources(), folder);
  const own = await objects(compiler, sources, folder);
  const unity = await unitySource();
  const framework = path.join(folder, "unity.o");
  if (!existsSync(framework)) {
    await compile(compiler, ["-w", ...unityFlags(), "-c", path.join(unity, "unity.c"), "-o", framework]);
  }
  const program = path.join(folder, name);
  await compile(compiler, [...SANITIZE, ...own, ...library, framework, "-lm", "-o", program]);
  return program;
}

/** Runs a Unity program. Every case that it reports, or a case of its own if it died. */
export async function runUnity(program: string, args: readonly string[] = []): Promise<UnityCase[]> {
  const output = await run(program, args, { env: { ...process.env, UBSAN_OPTIONS: "print_stacktrace=1" } });
  const cases: UnityCase[] = [];
  for (const line of (output?.stdout ?? "").split(/\r?\n/)) {
    const match = /^[^:]*:\d+:(\w+):(PASS|FAIL|IGNORE)(.*)$/.exec(line);
    if (match === null) continue;
    const [, name = "", outcome = "FAIL", detail = ""] = match;
    cases.push({ name, outcome: outcome as UnityCase["outcome"], detail: `${line.split(":")[1]}${detail}` });
  }
  const failures = cases.filter((each) => each.outcome === "FAIL").length;
  if (output === undefined || (output.status !== 0 && failures === 0)) {
    const detail = `exit ${output?.status}: ${output?.stderr.slice(0, 4000) ?? "cannot be run"}`;
    cases.push({ name: "runs to its end", outcome: "FAIL", detail });
  }
  return cases;
}

function unityFlags(): string[] {
  return ["-DUNITY_SUPPORT_64"];
}

/** Object files of `sources`, compiled again only if a source or any header is newer. */
async function objects(compiler: Compiler, sources: readonly string[], folder: string): Promise<string[]> {
  const headers = await newestHeader();
  const unity = await unitySource();
  const made: string[] = [];
  for (const source of sources) {
    const file = projectFile(source);
    const object = path.join(folder, `${source.replaceAll(/[^\w]/g, "_")}.o`);
    made.push(object);
    const newest = Math.max(headers, (await stat(file)).mtimeMs);
    if (existsSync(object) && (await stat(object)).mtimeMs > newest) continue;
    // Unity's headers are old and not ours: as system headers they give no warnings.
    const includes = [
      "-I",
      projectFile("firmware/include"),
      "-I",
      projectFile("test/firmware"),
      "-I",
      folder,
      "-isystem",
      unity,
    ];
    await compile(compiler, [...FLAGS, ...SANITIZE, ...includes, ...unityFlags(), "-c", file, "-o", object]);
  }
  return made;
}

async function newestHeader(): Promise<number> {
  let newest = 0;
  for (const root of ["firmware/include", "firmware/src", "test/firmware"]) {
    for (const entry of await readdir(projectFile(root), { recursive: true })) {
      if (entry.endsWith(".h")) newest = Math.max(newest, (await stat(projectFile(root, entry))).mtimeMs);
    }
  }
  return newest;
}

async function compile(compiler: Compiler, args: readonly string[]): Promise<void> {
  const output = await run(compiler.command, [...compiler.flags, ...args]);
  if (output?.status !== 0) throw new Error(`${compiler.name}: ${output?.stderr ?? "not installed"}`);
}

async function outputFolder(name: string): Promise<string> {
  const folder = cacheFolder("test-firmware", name);
  await mkdir(folder, { recursive: true });
  return folder;
}

function slug(compiler: Compiler): string {
  return compiler.name.replaceAll(/[^\w]+/g, "_");
}
