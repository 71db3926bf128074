import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { cacheFolder } from "../project.js";
import { replaceFile } from "../replace-file.js";
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
  const file = cacheFolder("aot", key, "app.c");
  await replaceFile(file, await translate(await readFile(app), app));
  return { file, key };
}
