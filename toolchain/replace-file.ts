import { mkdir, rename, writeFile } from "node:fs/promises";
import path from "node:path";

/** Writes a file, and its folder, that other processes may be reading: each sees the old one or the new one, whole. */
export async function replaceFile(file: string, content: string | Uint8Array): Promise<void> {
  const unfinished = `${file}.${process.pid}`;
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(unfinished, content);
  await rename(unfinished, file);
}
