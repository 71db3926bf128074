import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

function findRoot(): string {
  let directory = path.dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const manifest = path.join(directory, "package.json");
    if (existsSync(manifest)) {
      const { name } = JSON.parse(readFileSync(manifest, "utf8")) as { name?: string };
      if (name === "rosehip") return directory;
    }
    const parent = path.dirname(directory);
    if (parent === directory) throw new Error("rosehip's package.json is not above this file");
    directory = parent;
  }
}

/** The folder of Rosehip itself: the checkout, or node_modules/rosehip. The same from sources and from dist/. */
export const projectRoot = findRoot();

/** A file of Rosehip's own, by its path from the root. */
export function projectFile(...segments: string[]): string {
  return path.join(projectRoot, ...segments);
}

/** Where things fetched or built once are kept: `ROSEHIP_CACHE`, or .cache in the root. */
export function cacheFolder(...segments: string[]): string {
  return path.join(process.env["ROSEHIP_CACHE"] ?? path.join(projectRoot, ".cache"), ...segments);
}
