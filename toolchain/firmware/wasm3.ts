/**
 * The WebAssembly interpreter's C source: fetched once, checked against the sums below, edited as
 * wasm3_transform.json says, and kept in the cache. Nothing of it is in this repository.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { RosehipError } from "../../host-agent/src/errors.js";
import { cacheFolder, projectFile } from "../project.js";
import { run } from "./process.js";

const CRATE = "wasm3x-sys";
const CRATE_VERSION = "0.2.1";
const CRATE_SHA256 = "348492b8c2fb4902087770a26c3500e12b375e687a6d7f4155b7953a26ff8f7c";
const GIT_URL = "https://github.com/wasm3/wasm3.git";
const GIT_TAG = "v0.9.0";
/** {@link sourceHash} of wasm3 0.9.0, whichever way it came. */
const SOURCE_SHA256 = "50e38daa4eecc3b83242a01d29a9f0c1771c6c050416a01621fa9e1af729c099";

export interface Edit {
  readonly file: string;
  readonly anchor: string;
  readonly replacement: string;
}

const sha256 = (data: string | Uint8Array) => createHash("sha256").update(data).digest("hex");

/**
 * Folder with wasm3's .c and .h files, ready to compile.
 * @throws BUILD_WASM3_UNAVAILABLE without cargo and git, or without a network the first time
 * @throws BUILD_WASM3_CHECKSUM if what was fetched is not wasm3 0.9.0
 * @throws BUILD_WASM3_TRANSFORM if an edit does not fit the source
 */
export async function wasm3Source(): Promise<string> {
  const transform = await readFile(projectFile("toolchain/firmware/wasm3_transform.json"), "utf8");
  const folder = cacheFolder("wasm3", sha256(SOURCE_SHA256 + transform).slice(0, 16));
  const ready = path.join(folder, "source");
  if (existsSync(ready)) return ready;
  await mkdir(path.dirname(folder), { recursive: true });
  const work = await mkdtemp(`${folder}-`);
  try {
    await fetchInto(work);
    const { edits } = JSON.parse(transform) as { edits: readonly Edit[] };
    for (const edit of edits) await applyEdit(path.join(work, "source"), edit);
    await rename(work, folder).catch((error: unknown) => {
      if (!existsSync(ready)) throw error; // another build was faster, with the same result
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return ready;
}

async function fetchInto(work: string): Promise<void> {
  const attempts: string[] = [];
  for (const fetch of [fetchByCargo, fetchByGit]) {
    const found = await fetch(work, attempts);
    if (found === undefined) continue;
    const actual = await sourceHash(found);
    if (actual !== SOURCE_SHA256) throw checksumError(found, SOURCE_SHA256, actual);
    await mkdir(path.join(work, "source"));
    for (const file of await engineFiles(found)) {
      await cp(path.join(found, file), path.join(work, "source", file));
    }
    return;
  }
  throw new RosehipError("BUILD_WASM3_UNAVAILABLE", "The C source of wasm3 0.9.0 cannot be fetched.", {
    where: attempts.join("; "),
    remedy:
      "Install git (Debian and Ubuntu: `sudo apt-get install git`; macOS: `xcode-select --install`) or Rust's " +
      "cargo, and run this once with network access.",
  });
}

/** cargo leaves the crate file, which is a .tar.gz, in its own cache; crates there since earlier are used as they are. */
async function fetchByCargo(work: string, attempts: string[]): Promise<string | undefined> {
  let crate = await crateFile();
  if (crate === undefined) {
    const manifest = path.join(work, "Cargo.toml");
    await writeFile(
      manifest,
      '[package]\nname = "rosehip-firmware"\nversion = "0.0.0"\nedition = "2021"\n' +
        `[lib]\npath = "lib.rs"\n[dependencies]\n${CRATE} = "=${CRATE_VERSION}"\n`,
    );
    await writeFile(path.join(work, "lib.rs"), "");
    // `info` fetches this crate alone; cargo before 1.82 has only `fetch`, which takes its build dependencies along.
    for (const args of [["info", `${CRATE}@${CRATE_VERSION}`], ["fetch"]]) {
      const output = await run("cargo", ["--quiet", ...args], { cwd: work });
      if (output === undefined) attempts.push("cargo: not installed");
      else if (output.status !== 0) attempts.push(`cargo ${args[0]}: ${lastLine(output.stderr)}`);
      crate = await crateFile();
      if (crate !== undefined || output === undefined) break;
    }
  }
  if (crate === undefined) return undefined;
  const actual = sha256(await readFile(crate));
  if (actual !== CRATE_SHA256) throw checksumError(crate, CRATE_SHA256, actual);
  const unpacked = await run("tar", ["-xzf", crate, "-C", work]);
  if (unpacked?.status !== 0) {
    attempts.push(`tar: ${unpacked === undefined ? "not installed" : lastLine(unpacked.stderr)}`);
    return undefined;
  }
  return path.join(work, `${CRATE}-${CRATE_VERSION}`, "wasm3", "source");
}

async function crateFile(): Promise<string | undefined> {
  const cache = path.join(
    process.env["CARGO_HOME"] ?? path.join(os.homedir(), ".cargo"),
    "registry",
    "cache",
  );
  const registries = existsSync(cache) ? await readdir(cache) : [];
  return registries
    .map((registry) => path.join(cache, registry, `${CRATE}-${CRATE_VERSION}.crate`))
    .find((file) => existsSync(file));
}

async function fetchByGit(work: string, attempts: string[]): Promise<string | undefined> {
  const checkout = path.join(work, "git");
  const output = await run("git", [
    ...["-c", "core.autocrlf=false", "-c", "advice.detachedHead=false"],
    ...["clone", "--quiet", "--depth", "1", "--branch", GIT_TAG, GIT_URL, checkout],
  ]);
  if (output?.status === 0) return path.join(checkout, "source");
  attempts.push(`git: ${output === undefined ? "not installed" : lastLine(output.stderr)}`);
  return undefined;
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)?.trim() ?? "";
}

function checksumError(where: string, expected: string, actual: string): RosehipError {
  return new RosehipError(
    "BUILD_WASM3_CHECKSUM",
    `This is not wasm3 0.9.0 as published: sha256 ${actual} instead of ${expected}.`,
    { where, remedy: "Delete it and try again; if that does not help, do not use this source." },
  );
}

/** The engine itself, without wasm3's WASI and libc bindings. */
async function engineFiles(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((file) => /\.[ch]$/.test(file) && !/^m3_api_/.test(file)).sort();
}

/** One sum over the names and sums of the engine's files. */
async function sourceHash(folder: string): Promise<string> {
  const hash = createHash("sha256");
  for (const file of await engineFiles(folder)) {
    hash.update(`${file}\0${sha256(await readFile(path.join(folder, file)))}\n`);
  }
  return hash.digest("hex");
}

/** @throws BUILD_WASM3_TRANSFORM unless the anchor is in the file exactly once */
export async function applyEdit(folder: string, edit: Edit): Promise<void> {
  const file = path.join(folder, edit.file);
  const parts = (await readFile(file, "utf8")).split(edit.anchor);
  if (parts.length !== 2) {
    throw new RosehipError(
      "BUILD_WASM3_TRANSFORM",
      `The anchor of an edit is ${parts.length - 1} times in the file instead of once.`,
      {
        where: edit.file,
        remedy: "Bring toolchain/firmware/wasm3_transform.json in line with the pinned wasm3.",
      },
    );
  }
  await writeFile(file, parts.join(edit.replacement));
}
