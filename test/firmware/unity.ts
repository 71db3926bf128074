/**
 * ThrowTheSwitch's Unity, the C test framework: fetched once, checked, kept in the cache. Nothing of it is in this
 * repository. Its source (MIT licence) comes inside the crate of a C library that tests itself with it, since Unity
 * itself is in no package registry.
 */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import path from "node:path";
import { cacheFolder } from "../../toolchain/project.js";
import { type Crate, unpackCrate } from "../crate.js";

const CRATE: Crate = {
  name: "cryptoauthlib-sys",
  version: "0.2.2",
  sha256: "da232dd4f06ee4600b33a455bb17fcc6c2c3a54ee7fd60496d3a73668a6cb6e4",
};
const FOLDER = "cryptoauthlib/test";
const FILES = ["unity.c", "unity.h", "unity_internals.h", "unity_license.txt"];

/**
 * Folder with unity.c and unity.h, ready to compile.
 * @throws as crateFile
 */
export async function unitySource(): Promise<string> {
  const folder = cacheFolder("unity", CRATE.sha256.slice(0, 16));
  if (existsSync(folder)) return folder;
  await mkdir(path.dirname(folder), { recursive: true });
  const work = await mkdtemp(`${folder}-`);
  try {
    const members = FILES.map((file) => `${FOLDER}/${file}`);
    await unpackCrate(CRATE, members, work);
    const unpacked = path.join(work, `${CRATE.name}-${CRATE.version}`, FOLDER);
    await rename(unpacked, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error; // another run was faster, with the same result
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return folder;
}
