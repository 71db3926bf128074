/**
 * The WebAssembly interpreter's C source: fetched once, checked against the sums below, edited as
 * wasm3_transform.json says, and kept in the cache. Nothing of it is in this repository.
 */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { RosehipError } from "../../host-agent/src/errors.js";
import { cacheFolder, projectFile } from "../project.js";
import { type CLibrary, fetchLibrary, sha256 } from "./c-library.js";

const WASM3: CLibrary = {
  title: "wasm3 0.9.0",
  code: "WASM3",
  crate: {
    name: "wasm3x-sys",
    version: "0.2.1",
    sha256: "348492b8c2fb4902087770a26c3500e12b375e687a6d7f4155b7953a26ff8f7c",
  },
  crateFolder: "wasm3/source",
  git: { url: "https://github.com/wasm3/wasm3.git", tag: "v0.9.0" },
  gitFolder: "source",
  // The engine itself, without wasm3's WASI and libc bindings.
  files: (all) => all.filter((file) => /^[^/]*\.[ch]$/.test(file) && !/^m3_api_/.test(file)),
  sha256: "50e38daa4eecc3b83242a01d29a9f0c1771c6c050416a01621fa9e1af729c099",
};

export interface Edit {
  readonly file: string;
  readonly anchor: string;
  readonly replacement: string;
}

/**
 * Folder with wasm3's .c and .h files, ready to compile.
 * @throws BUILD_WASM3_UNAVAILABLE without cargo and git, or without a network the first time
 * @throws BUILD_WASM3_CHECKSUM if what was fetched is not wasm3 0.9.0
 * @throws BUILD_WASM3_TRANSFORM if an edit does not fit the source
 */
export async function wasm3Source(): Promise<string> {
  const transform = await readFile(projectFile("toolchain/firmware/wasm3_transform.json"), "utf8");
  const folder = cacheFolder("wasm3", sha256(WASM3.sha256 + transform).slice(0, 16));
  const ready = path.join(folder, "source");
  if (existsSync(ready)) return ready;
  await mkdir(path.dirname(folder), { recursive: true });
  const work = await mkdtemp(`${folder}-`);
  try {
    await fetchLibrary(WASM3, work);
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
