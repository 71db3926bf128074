/** Fetches the C source of a library: once, checked against its sums, by cargo or git. Nothing of it is in this repository. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { RosehipError } from "../../host-agent/src/errors.js";
import { run } from "./process.js";

/** A library that is published as a git tag, and inside a crate as well. */
export interface CLibrary {
  /** With its version, for people. */
  readonly title: string;
  /** In the codes of its errors. */
  readonly code: string;
  readonly crate: { readonly name: string; readonly version: string; readonly sha256: string };
  /** Folder of its sources in the crate. */
  readonly crateFolder: string;
  readonly git: { readonly url: string; readonly tag: string };
  /** Folder of its sources in the repository. */
  readonly gitFolder: string;
  /** Of what is in the folder, those that are used. */
  readonly files: (all: readonly string[]) => readonly string[];
  /** Over the names and sums of those files, whichever way they came. */
  readonly sha256: string;
}

export const sha256 = (data: string | Uint8Array) => createHash("sha256").update(data).digest("hex");

/**
 * Puts the library's files into `work`/source.
 * @throws BUILD_…_UNAVAILABLE without cargo and git, or without a network the first time
 * @throws BUILD_…_CHECKSUM if what was fetched is not what was published
 */
export async function fetchLibrary(library: CLibrary, work: string): Promise<void> {
  const attempts: string[] = [];
  for (const fetch of [fetchByCargo, fetchByGit]) {
    const found = await fetch(library, work, attempts);
    if (found === undefined) continue;
    const files = await filesOf(library, found);
    const actual = await sumOf(found, files);
    if (actual !== library.sha256) throw checksumError(library, found, library.sha256, actual);
    for (const file of files) {
      await mkdir(path.dirname(path.join(work, "source", file)), { recursive: true });
      await cp(path.join(found, file), path.join(work, "source", file));
    }
    return;
  }
  throw new RosehipError(
    `BUILD_${library.code}_UNAVAILABLE`,
    `The C source of ${library.title} cannot be fetched.`,
    {
      where: attempts.join("; "),
      remedy:
        "Install git (Debian and Ubuntu: `sudo apt-get install git`; macOS: `xcode-select --install`) or Rust's " +
        "cargo, and run this once with network access.",
    },
  );
}

async function filesOf(library: CLibrary, folder: string): Promise<string[]> {
  const all = (await readdir(folder, { recursive: true })).map((file) => file.replaceAll("\\", "/"));
  return [...library.files(all)].sort();
}

async function sumOf(folder: string, files: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const file of files) hash.update(`${file}\0${sha256(await readFile(path.join(folder, file)))}\n`);
  return hash.digest("hex");
}

/** cargo leaves the crate file, which is a .tar.gz, in its own cache; crates there since earlier are used as they are. */
async function fetchByCargo(
  library: CLibrary,
  work: string,
  attempts: string[],
): Promise<string | undefined> {
  const { name, version } = library.crate;
  let crate = await crateFile(library);
  if (crate === undefined) {
    const manifest = path.join(work, "Cargo.toml");
    await writeFile(
      manifest,
      '[package]\nname = "rosehip-firmware"\nversion = "0.0.0"\nedition = "2021"\n' +
        `[lib]\npath = "lib.rs"\n[dependencies]\n${name} = "=${version}"\n`,
    );
    await writeFile(path.join(work, "lib.rs"), "");
    // `info` fetches this crate alone; cargo before 1.82 has only `fetch`, which takes its build dependencies along.
    for (const args of [["info", `${name}@${version}`], ["fetch"]]) {
      const output = await run("cargo", ["--quiet", ...args], { cwd: work });
      if (output === undefined) attempts.push("cargo: not installed");
      else if (output.status !== 0) attempts.push(`cargo ${args[0]}: ${lastLine(output.stderr)}`);
      crate = await crateFile(library);
      if (crate !== undefined || output === undefined) break;
    }
  }
  if (crate === undefined) return undefined;
  const actual = sha256(await readFile(crate));
  if (actual !== library.crate.sha256) throw checksumError(library, crate, library.crate.sha256, actual);
  const unpacked = await run("tar", ["-xzf", crate, "-C", work]);
  if (unpacked?.status !== 0) {
    attempts.push(`tar: ${unpacked === undefined ? "not installed" : lastLine(unpacked.stderr)}`);
    return undefined;
  }
  return path.join(work, `${name}-${version}`, library.crateFolder);
}

async function crateFile({ crate: { name, version } }: CLibrary): Promise<string | undefined> {
  const home = process.env["CARGO_HOME"] ?? path.join(os.homedir(), ".cargo");
  const cache = path.join(home, "registry", "cache");
  const registries = existsSync(cache) ? await readdir(cache) : [];
  return registries
    .map((registry) => path.join(cache, registry, `${name}-${version}.crate`))
    .find((file) => existsSync(file));
}

async function fetchByGit(library: CLibrary, work: string, attempts: string[]): Promise<string | undefined> {
  const checkout = path.join(work, "git");
  const { url, tag } = library.git;
  const output = await run("git", [
    ...["-c", "core.autocrlf=false", "-c", "advice.detachedHead=false"],
    ...["clone", "--quiet", "--depth", "1", "--branch", tag, url, checkout],
  ]);
  if (output?.status === 0) return path.join(checkout, library.gitFolder);
  attempts.push(`git: ${output === undefined ? "not installed" : lastLine(output.stderr)}`);
  return undefined;
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)?.trim() ?? "";
}

function checksumError(library: CLibrary, where: string, expected: string, actual: string): RosehipError {
  return new RosehipError(
    `BUILD_${library.code}_CHECKSUM`,
    `This is not ${library.title} as published: sha256 ${actual} instead of ${expected}.`,
    { where, remedy: "Delete it and try again; if that does not help, do not use this source." },
  );
}
