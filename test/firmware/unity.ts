/**
 * ThrowTheSwitch's Unity, the C test framework: fetched once, checked, kept in the cache. Nothing of it is in this
 * repository. Its source (MIT licence) comes inside the crate of a C library that tests itself with it, since Unity
 * itself is in no package registry.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { RosehipError } from "../../host-agent/src/errors.js";
import { run } from "../../toolchain/firmware/process.js";
import { cacheFolder } from "../../toolchain/project.js";

const CRATE = "cryptoauthlib-sys";
const CRATE_VERSION = "0.2.2";
const CRATE_SHA256 = "da232dd4f06ee4600b33a455bb17fcc6c2c3a54ee7fd60496d3a73668a6cb6e4";
const FOLDER = `${CRATE}-${CRATE_VERSION}/cryptoauthlib/test`;
const FILES = ["unity.c", "unity.h", "unity_internals.h", "unity_license.txt"];

/**
 * Folder with unity.c and unity.h, ready to compile.
 * @throws BUILD_UNITY_UNAVAILABLE without cargo and tar, or without a network the first time
 * @throws BUILD_UNITY_CHECKSUM if what was fetched is not that crate
 */
export async function unitySource(): Promise<string> {
  const folder = cacheFolder("unity", CRATE_SHA256.slice(0, 16));
  if (existsSync(folder)) return folder;
  await mkdir(path.dirname(folder), { recursive: true });
  const work = await mkdtemp(`${folder}-`);
  try {
    const crate = await fetchCrate(work);
    await unpack(crate, work);
    await rename(path.join(work, FOLDER), folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error; // another run was faster, with the same result
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return folder;
}

/** cargo leaves the crate file, which is a .tar.gz, in its own cache. */
async function fetchCrate(work: string): Promise<string> {
  let why = "";
  if ((await cachedCrate()) === undefined) {
    const manifest = `[package]\nname = "tests"\nversion = "0.0.0"\n[lib]\npath = "lib.rs"\n[dependencies]\n${CRATE} = "=${CRATE_VERSION}"\n`;
    await writeFile(path.join(work, "Cargo.toml"), manifest);
    await writeFile(path.join(work, "lib.rs"), "");
    // cargo before 1.82 has no `info`; its `fetch` takes the crate's own build dependencies along.
    for (const args of [["info", `${CRATE}@${CRATE_VERSION}`], ["fetch"]]) {
      const output = await run("cargo", ["--quiet", ...args], { cwd: work });
      why = output === undefined ? "cargo is not installed" : output.stderr.trim();
      if (output === undefined || (await cachedCrate()) !== undefined) break;
    }
  }
  const crate = await cachedCrate();
  if (crate === undefined) throw unavailable(why);
  const actual = createHash("sha256")
    .update(await readFile(crate))
    .digest("hex");
  if (actual === CRATE_SHA256) return crate;
  throw new RosehipError("BUILD_UNITY_CHECKSUM", `sha256 is ${actual} instead of ${CRATE_SHA256}.`, {
    where: crate,
    remedy: "Delete it and try again; if that does not help, do not use it.",
  });
}

async function cachedCrate(): Promise<string | undefined> {
  const home = process.env["CARGO_HOME"] ?? path.join(os.homedir(), ".cargo");
  const cache = path.join(home, "registry", "cache");
  const registries = existsSync(cache) ? await readdir(cache) : [];
  return registries
    .map((registry) => path.join(cache, registry, `${CRATE}-${CRATE_VERSION}.crate`))
    .find((file) => existsSync(file));
}

async function unpack(crate: string, work: string): Promise<void> {
  const members = FILES.map((file) => `${FOLDER}/${file}`);
  const output = await run("tar", ["-xzf", crate, "-C", work, ...members]);
  if (output?.status !== 0)
    throw unavailable(output === undefined ? "tar is not installed" : output.stderr.trim());
}

function unavailable(where: string): RosehipError {
  return new RosehipError(
    "BUILD_UNITY_UNAVAILABLE",
    "The C source of the Unity test framework cannot be fetched.",
    {
      where,
      remedy:
        "Install Rust's cargo (Debian and Ubuntu: `sudo apt-get install cargo`) and run this once with network access.",
    },
  );
}
