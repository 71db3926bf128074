/** Compiles and links one C program, only as far as something has changed. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import { RosehipError } from "../../host-agent/src/errors.js";
import { cacheFolder } from "../project.js";
import { replaceFile } from "../replace-file.js";
import { type Compiler, findCompiler } from "./compiler.js";
import { run } from "./process.js";
import { crossToolchain, installCommand, type Target } from "./target.js";

/** Compilers started at once. */
const JOBS = 2;

export interface SourceGroup {
  /** .c and .S files, absolute. */
  readonly sources: readonly string[];
  /** Folders searched for headers; a change of any .h in them compiles the group anew. */
  readonly includes: readonly string[];
  /** Come after those of the whole program, so they can take one back. */
  readonly flags: readonly string[];
}

export interface Program {
  readonly name: string;
  readonly groups: readonly SourceGroup[];
  readonly linkFlags?: readonly string[];
  /** Files that linkFlags name: the program is linked anew when they change. */
  readonly linkInputs?: readonly string[];
}

export interface BuildOptions {
  /** What the program runs on; by default this computer. */
  readonly target?: Target;
  /** AddressSanitizer and UndefinedBehaviorSanitizer, assertions on. */
  readonly sanitize?: boolean;
  /** Command of the C compiler; by default $CC, cc, gcc or clang, or the target's own. */
  readonly compiler?: string;
  /** 32-bit code on a 64-bit host: the word size of the boards. */
  readonly m32?: boolean;
}

export interface Built {
  /** The executable. */
  readonly path: string;
  readonly variant: string;
  readonly compiler: string;
  /** Files compiled by this call; 0 if the program was up to date. */
  readonly compiled: number;
  /** Source of each object file that is part of it. */
  readonly sources: ReadonlyMap<string, string>;
}

const sha256 = (...parts: readonly (string | Uint8Array)[]) => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("hex").slice(0, 24);
};

/**
 * Builds `program` into .cache/firmware/<variant>/.
 * @throws BUILD_NO_COMPILER, BUILD_NO_C_LIBRARY, BUILD_COMPILE (with the compiler's own words), BUILD_LINK
 */
export async function buildProgram(program: Program, options: BuildOptions = {}): Promise<Built> {
  const cross = crossToolchain(options.target ?? "native");
  const compiler = await targetCompiler(options);
  const variant = variantName(compiler, options);
  const folder = cacheFolder("firmware", variant);
  const executable = path.join(folder, program.name);
  await mkdir(path.join(folder, "objects"), { recursive: true });
  const machine = [...(options.m32 ? M32 : []), ...(options.sanitize ? SANITIZE : [])];
  const compileFlags = [...machine, ...(cross?.compile ?? [])];
  const steps = await compileSteps(program, compiler, compileFlags, path.join(folder, "objects"));
  const missing = steps.filter((step) => !existsSync(step.object));
  const linkFlags = [...machine, ...(cross?.link ?? []), ...(program.linkFlags ?? [])];
  const inputs = await Promise.all((program.linkInputs ?? []).map((file) => readFile(file)));
  const key = sha256(compiler.version, ...linkFlags, ...inputs, ...steps.map((step) => step.object));
  const stampFile = `${executable}.stamp`;
  const stamp = await readStamp(stampFile);
  if (missing.length > 0 || !existsSync(executable) || stamp.key !== key) {
    await compileAll(compiler, missing);
    // Of a board's program it is told where all of it is (footprint.ts).
    const map = cross === undefined ? [] : [`-Wl,-Map=${executable}.map`];
    await link(compiler, steps, [...linkFlags, ...map], executable);
    const objects = steps.map((step) => step.object);
    await replaceFile(stampFile, JSON.stringify({ key, objects } satisfies Stamp));
    const stale = stamp.objects.filter((object) => !objects.includes(object));
    await Promise.all(stale.map((object) => rm(object, { force: true })));
  }
  return {
    path: executable,
    variant,
    compiler: compiler.command,
    sources: new Map(steps.map(({ object, source }) => [object, source])),
    compiled: missing.length,
  };
}

/** Doubles are rounded to 64 bits at each step, as on every other machine; the x87 keeps more. */
const M32 = ["-m32", "-msse2", "-mfpmath=sse"];

const SANITIZE = [
  "-fsanitize=address,undefined",
  "-fno-sanitize-recover=all",
  "-fno-omit-frame-pointer",
  "-g",
];

/**
 * The compiler for a target. @throws BUILD_NO_COMPILER, BUILD_NO_C_LIBRARY, with what installs it
 */
export async function targetCompiler(options: BuildOptions): Promise<Compiler> {
  const { target = "native" } = options;
  const cross = crossToolchain(target);
  if (cross === undefined || target === "native") return findCompiler(options.compiler);
  const remedy = `Debian and Ubuntu: \`${installCommand(target)}\`.`;
  const compiler = await findCompiler(options.compiler ?? `${cross.prefix}gcc`, remedy);
  const probe = await run(compiler.command, [...cross.compile, ...C_LIBRARY_PROBE]);
  if (probe?.status === 0) return compiler;
  throw new RosehipError("BUILD_NO_C_LIBRARY", `${compiler.command} has no picolibc.`, {
    where: probe?.stderr.trim() ?? "",
    remedy,
  });
}

const C_LIBRARY_PROBE = ["-E", "-x", "c", "-include", "string.h", "/dev/null"];

function variantName(compiler: Compiler, options: BuildOptions): string {
  if (options.target !== undefined && options.target !== "native") return options.target;
  const parts = [`${process.platform}-${options.m32 ? "m32" : process.arch}`];
  if (options.sanitize) parts.push("sanitize");
  if (!/^(cc|gcc)$/.test(compiler.command))
    parts.push(path.basename(compiler.command).replace(/[^\w.-]/g, "_"));
  return parts.join("-");
}

interface Step {
  readonly source: string;
  readonly object: string;
  readonly args: readonly string[];
}

/** An object file's name holds a sum of all that went into it: if the file is there, it is right, for any program. */
async function compileSteps(
  program: Program,
  compiler: Compiler,
  target: readonly string[],
  objects: string,
): Promise<Step[]> {
  const steps: Step[] = [];
  for (const group of program.groups) {
    const headers = await headersHash(group.includes);
    const args = [...target, ...group.flags, ...group.includes.map((folder) => `-I${folder}`)];
    for (const source of group.sources) {
      const key = sha256(compiler.version, headers, ...args, source, await readFile(source));
      const object = path.join(objects, `${path.parse(source).name}.${key}.o`);
      steps.push({ source, object, args });
    }
  }
  return steps;
}

async function headersHash(folders: readonly string[]): Promise<string> {
  const parts: (string | Uint8Array)[] = [];
  for (const folder of folders) {
    const files = await readdir(folder, { recursive: true });
    for (const file of files.filter((name) => name.endsWith(".h")).sort()) {
      parts.push(file, await readFile(path.join(folder, file)));
    }
  }
  return sha256(...parts);
}

/** What the last build of a program was made of. */
interface Stamp {
  readonly key: string;
  readonly objects: readonly string[];
}

async function readStamp(file: string): Promise<Stamp> {
  if (!existsSync(file)) return { key: "", objects: [] };
  return JSON.parse(await readFile(file, "utf8")) as Stamp;
}

async function compileAll(compiler: Compiler, steps: readonly Step[]): Promise<void> {
  const queue = [...steps];
  const worker = async () => {
    for (let step = queue.shift(); step !== undefined; step = queue.shift()) {
      const unfinished = `${step.object}.${process.pid}`;
      const output = await run(compiler.command, [...step.args, "-c", step.source, "-o", unfinished]);
      if (output?.status !== 0) {
        queue.length = 0;
        throw new RosehipError("BUILD_COMPILE", output?.stderr.trim() ?? "The compiler has gone.", {
          where: step.source,
        });
      }
      await rename(unfinished, step.object);
    }
  };
  await Promise.all(Array.from({ length: JOBS }, worker));
}

async function link(
  compiler: Compiler,
  steps: readonly Step[],
  flags: readonly string[],
  executable: string,
): Promise<void> {
  const unfinished = `${executable}.${process.pid}`;
  const objects = steps.map((step) => step.object);
  const output = await run(compiler.command, [...objects, ...flags, "-o", unfinished]);
  if (output?.status !== 0) {
    throw new RosehipError("BUILD_LINK", output?.stderr.trim() ?? "The compiler has gone.", {
      where: executable,
    });
  }
  await rename(unfinished, executable);
}
