import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { cacheFolder } from "../project.js";
import { translate } from "./translate.js";

export interface AppSource {
  /** The app in C. */
  readonly file: string;
  /** Different for each app, to tell firmware with one from firmware with another. */
  readonly key: string;
}

/** {@link AppSource.key} of an app by its path. */
export function programKey(app: string): string {
  return createHash("sha256").update(path.resolve(app)).digest("hex").slice(0, 8);
}

/**
 * Translates an app to C in the cache.
 * @param app path of app.wasm
 * @throws as translate
 */
export async function appSource(app: string): Promise<AppSource> {
  const key = programKey(app);
  const folder = cacheFolder("aot", key);
  const file = path.join(folder, "app.c");
  const text = await translate(await readFile(app), app);
  await mkdir(folder, { recursive: true });
  const unfinished = `${file}.${process.pid}`;
  await writeFile(unfinished, text);
  await rename(unfinished, file);
  return { file, key };
}
