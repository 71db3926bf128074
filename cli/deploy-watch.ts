import { type FSWatcher, statSync, watch } from "node:fs";
import path from "node:path";

/** Editors write a file in several steps; what comes within this time is one save. */
const SETTLE_MS = 30;

/** What a build writes, or what is no source. */
const IGNORED = /(^|[/\\])(build|node_modules|\.[^/\\]*)([/\\]|$)|~$/;
const SOURCE = /\.(ts|json|msg|srv|action|wasm)$/;

export interface Sources {
  /** Yields once for each save since the last; ends after {@link close}. */
  changes(): AsyncGenerator<void>;
  close(): void;
}

/** Watches the app's folder, or the one file if it is a .wasm. */
export function watchSources(entry: string): Sources {
  const isFolder = statSync(entry, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const only = entry.endsWith(".wasm") ? path.basename(entry) : undefined;
  const folder = isFolder ? entry : path.dirname(entry);
  let changed = false;
  let closed = false;
  let wake = () => {};
  const watcher: FSWatcher = watch(folder, { recursive: only === undefined }, (_event, name) => {
    if (name === null || (only === undefined ? IGNORED.test(name) || !SOURCE.test(name) : name !== only))
      return;
    changed = true;
    wake();
  });
  return {
    async *changes() {
      while (!closed) {
        if (!changed) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          continue;
        }
        await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
        changed = false;
        if (!closed) yield;
      }
    },
    close() {
      closed = true;
      watcher.close();
      wake();
    },
  };
}
