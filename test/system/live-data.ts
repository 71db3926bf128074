import { readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { projectFile } from "../../toolchain/project.js";
import type { RunningProcess } from "./process.js";

/** Options of Node for a process of which {@link liveData} is asked. */
export const MEASURED: readonly string[] = ["--import", projectFile("test/system/snapshot-on-signal.mjs")];

/** Adds a leak of one object for each packet to a process. */
export const LEAKING: readonly string[] = ["--import", projectFile("test/system/planted-leak.mjs")];

/** What a program has alive in its heap after everything unused has been collected. */
export interface LiveData {
  readonly values: number;
  readonly octets: number;
}

/**
 * Kinds of a heap snapshot's nodes that hold a program's data. The others (code, object shapes, hidden) are what V8 compiles,
 * optimizes and learns about types, which never comes to rest; neither do strings, most of which are names in code. A string that
 * the program keeps has its place in an array or an object.
 */
const DATA: ReadonlySet<string> = new Set([
  "object",
  "closure",
  "array",
  "native",
  "number",
  "bigint",
  "symbol",
  "regexp",
]);

/** Snapshots of which the lowest numbers count: now and then a timer, a packet or a heartbeat is under way. */
const READINGS = 3;
/** The process stands still for each; in between it does what it has missed. */
const BETWEEN_READINGS_MS = 1500;

interface Snapshot {
  readonly snapshot: {
    readonly meta: {
      readonly node_fields: readonly string[];
      readonly node_types: readonly (readonly string[])[];
    };
  };
  readonly nodes: readonly number[];
}

export async function liveData(process: RunningProcess): Promise<LiveData> {
  let [values, octets] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let i = 0; i < READINGS; i++) {
    const [, file = ""] = await process.ask("SIGUSR2", /^snapshot: (.*)$/);
    const live = countData(JSON.parse(readFileSync(file, "utf8")) as Snapshot);
    rmSync(path.dirname(file), { recursive: true });
    values = Math.min(values, live.values);
    octets = Math.min(octets, live.octets);
    await setTimeout(BETWEEN_READINGS_MS);
  }
  return { values, octets };
}

function countData({ snapshot, nodes }: Snapshot): LiveData {
  const { node_fields: fields, node_types: types } = snapshot.meta;
  const [type, size] = [fields.indexOf("type"), fields.indexOf("self_size")];
  let [values, octets] = [0, 0];
  for (let i = 0; i < nodes.length; i += fields.length) {
    if (!DATA.has(types[type]?.[nodes[i + type] ?? -1] ?? "")) continue;
    values++;
    octets += nodes[i + size] ?? 0;
  }
  return { values, octets };
}
