/** Crates as packages of sources: the tests take C and test suites out of them that are in no other registry. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { RosehipError } from "../host-agent/src/errors.js";
import { run } from "../toolchain/firmware/process.js";

export interface Crate {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
}

/**
 * Path of a crate file, which is a .tar.gz, in cargo's cache; fetched if it is not there yet.
 * @throws BUILD_CRATE_UNAVAILABLE without cargo, or without a network the first time
 * @throws BUILD_CRATE_CHECKSUM if it is not that crate
 */
export async function crateFile(crate: Crate): Promise<string> {
  let why = "";
  if ((await cached(crate)) === undefined) why = await fetchByCargo(crate);
  const file = await cached(crate);
  if (file === undefined) {
    throw new RosehipError("BUILD_CRATE_UNAVAILABLE", `${crate.name} ${crate.version} cannot be fetched.`, {
      where: why,
      remedy:
        "Install Rust's cargo (Debian and Ubuntu: `sudo apt-get install cargo`) and run this once with network access.",
    });
  }
  const actual = createHash("sha256")
    .update(await readFile(file))
    .digest("hex");
  if (actual === crate.sha256) return file;
  throw new RosehipError("BUILD_CRATE_CHECKSUM", `sha256 is ${actual} instead of ${crate.sha256}.`, {
    where: file,
    remedy: "Delete it and try again; if that does not help, do not use it.",
  });
}

/**
 * Unpacks `members` of a crate into `folder`, below the crate's own folder NAME-VERSION.
 * @throws as crateFile
 */
export async function unpackCrate(crate: Crate, members: readonly string[], folder: string): Promise<void> {
  const paths = members.map((member) => `${crate.name}-${crate.version}/${member}`);
  const output = await run("tar", ["-xzf", await crateFile(crate), "-C", folder, ...paths]);
  if (output?.status === 0) return;
  throw new RosehipError("BUILD_CRATE_UNAVAILABLE", `${crate.name} ${crate.version} cannot be unpacked.`, {
    where: output === undefined ? "tar is not installed" : output.stderr.trim(),
  });
}

/** @returns why it did not work, if it did not */
async function fetchByCargo({ name, version }: Crate): Promise<string> {
  const work = await mkdtemp(path.join(os.tmpdir(), "rosehip-crate-"));
  try {
    const manifest = `[package]\nname = "tests"\nversion = "0.0.0"\n[lib]\npath = "lib.rs"\n[dependencies]\n${name} = "=${version}"\n`;
    await writeFile(path.join(work, "Cargo.toml"), manifest);
    await writeFile(path.join(work, "lib.rs"), "");
    let why = "";
    // cargo before 1.82 has no `info`; its `fetch` takes the crate's own dependencies along.
    for (const args of [["info", `${name}@${version}`], ["fetch"]]) {
      const output = await run("cargo", ["--quiet", ...args], { cwd: work });
      if (output === undefined) return "cargo is not installed";
      why = output.stderr.trim();
      if ((await cached({ name, version })) !== undefined) break;
    }
    return why;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function cached({ name, version }: Pick<Crate, "name" | "version">): Promise<string | undefined> {
  const home = process.env["CARGO_HOME"] ?? path.join(os.homedir(), ".cargo");
  const cache = path.join(home, "registry", "cache");
  const registries = existsSync(cache) ? await readdir(cache) : [];
  return registries
    .map((registry) => path.join(cache, registry, `${name}-${version}.crate`))
    .find((file) => existsSync(file));
}
