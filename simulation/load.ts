import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { RosehipError } from "../host-agent/src/errors.js";

export interface LoadedApp {
  readonly wasm: Uint8Array;
  /** Folder whose interfaces the app uses. */
  readonly project: string;
}

/** Apps are built once in a process. */
const built = new Map<string, Promise<LoadedApp>>();

/**
 * @param app folder or main file of an app, which is built, or a built `app.wasm`
 * @throws SIM_APP, BUILD_…, IDL_…
 */
export async function loadApp(app: string): Promise<LoadedApp> {
  const file = path.resolve(app);
  if (!existsSync(file)) {
    throw new RosehipError("SIM_APP", "there is no such file or folder", {
      where: file,
      remedy: "Give an app's folder, its main file, or a built app.wasm.",
    });
  }
  if (file.endsWith(".wasm")) {
    const folder = path.dirname(file);
    const project = path.basename(folder) === "build" ? path.dirname(folder) : folder;
    return { wasm: readFileSync(file), project };
  }
  let loaded = built.get(file);
  if (loaded === undefined) {
    loaded = build(file);
    built.set(file, loaded);
  }
  return loaded;
}

async function build(entry: string): Promise<LoadedApp> {
  const { buildApp } = await import("../toolchain/build/build.js");
  const { wasm } = await buildApp({ entry });
  return { wasm, project: entry.endsWith(".ts") ? path.dirname(entry) : entry };
}
