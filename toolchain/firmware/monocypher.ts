/** Monocypher's C source, of which a firmware with a key for its apps needs the check of Ed25519 signatures. */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import path from "node:path";
import { cacheFolder } from "../project.js";
import { type CLibrary, fetchLibrary } from "./c-library.js";

const MONOCYPHER: CLibrary = {
  title: "Monocypher 4.0.2",
  code: "MONOCYPHER",
  crate: {
    name: "monocypher-sys",
    version: "4.0.2",
    sha256: "dc11b58afcc9e7b8dc05ae2a2050b5a7a368ba1155bc0f9b1ad81ccedf5f1c96",
  },
  crateFolder: "Monocypher/src",
  git: { url: "https://github.com/LoupVaillant/Monocypher.git", tag: "4.0.2" },
  gitFolder: "src",
  files: (all) => all.filter((file) => /\.[ch]$/.test(file)),
  sha256: "07ccd562bcd8d127edcbfb79b37709121c5ca9390ecf7258e9457fcd69dfebdf",
};

/**
 * Folder with monocypher.c, optional/monocypher-ed25519.c and their headers.
 * @throws BUILD_MONOCYPHER_UNAVAILABLE, BUILD_MONOCYPHER_CHECKSUM
 */
export async function monocypherSource(): Promise<string> {
  const folder = cacheFolder("monocypher", MONOCYPHER.sha256.slice(0, 16));
  const ready = path.join(folder, "source");
  if (existsSync(ready)) return ready;
  await mkdir(path.dirname(folder), { recursive: true });
  const work = await mkdtemp(`${folder}-`);
  try {
    await fetchLibrary(MONOCYPHER, work);
    await rename(work, folder).catch((error: unknown) => {
      if (!existsSync(ready)) throw error; // another build was faster, with the same result
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return ready;
}
