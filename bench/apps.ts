/** The apps of the bench, each built once. */
import path from "node:path";
import { type BuildResult, buildApp } from "../toolchain/build/build.js";
import { cacheFolder, projectFile } from "../toolchain/project.js";

export interface App {
  /** From the root of the project. */
  readonly entry: string;
  readonly what: string;
}

export const QUIET: App = { entry: "bench/apps/quiet.as.ts", what: "handler without a log line" };
export const EXAMPLE: App = {
  entry: "examples/add_two_ints",
  what: "the example, which logs a line to /rosout",
};

export const BOTH: App = {
  entry: "bench/apps/service_and_action.as.ts",
  what: "the examples' service and action in one app",
};

const built = new Map<string, Promise<BuildResult>>();

export function buildBenchApp({ entry }: App): Promise<BuildResult> {
  const outDir = cacheFolder("bench", path.basename(entry, ".as.ts"));
  const begun = built.get(entry) ?? buildApp({ entry: projectFile(entry), outDir });
  built.set(entry, begun);
  return begun;
}
