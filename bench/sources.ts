import { readdir } from "node:fs/promises";
import path from "node:path";
import { projectFile } from "../toolchain/project.js";

/** The .c files of folders of this project, absolute, sorted. */
export async function sources(...folders: readonly string[]): Promise<string[]> {
  const lists = await Promise.all(
    folders.map(async (folder) => {
      const files = await readdir(projectFile(folder), { recursive: true });
      return files
        .filter((file) => file.endsWith(".c"))
        .sort()
        .map((file) => path.join(projectFile(folder), file));
    }),
  );
  return lists.flat();
}
