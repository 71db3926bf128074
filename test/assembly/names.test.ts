import { readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { SimulatedBoard } from "../../simulation/board.js";
import { boardWith, buildTestApp, call } from "./run-service.js";

/** Answers of rclpy itself; see `provenance` in the file. */
interface NameVectors {
  readonly names: readonly [name: string, node: string, namespace: string, expanded: string | null][];
  readonly nodes: readonly [name: string, valid: boolean][];
  readonly namespaces: readonly [namespace: string, absolute: string | null, logger: string | null][];
}

const vectors = JSON.parse(
  readFileSync(path.join(import.meta.dirname, "vectors/names.json"), "utf8"),
) as NameVectors;

describe("names, as rclpy takes them", () => {
  let board: SimulatedBoard;

  beforeAll(async () => {
    board = boardWith(await buildTestApp("names"));
  });

  /** The text of a good name, or null if the app panicked because of it. */
  async function ask(...words: string[]): Promise<string | null> {
    const { success, message } = await call(board, "/run", words.join("\t"));
    if (!success) expect(message).toMatch(/^(service|node|namespace) name "/);
    return success ? message : null;
  }

  it.each(vectors.names)("service %j of node %j in %j", async (name, node, namespace, expanded) => {
    expect(await ask("expand", name, node, namespace)).toBe(expanded);
  });

  it.each(vectors.nodes)("node name %j", async (name, valid) => {
    expect((await ask("node", name)) !== null).toBe(valid);
  });

  it.each(vectors.namespaces)("namespace %j", async (namespace, absolute, logger) => {
    expect(await ask("namespace", namespace)).toBe(absolute);
    if (logger !== null) expect(await ask("logger", namespace)).toBe(logger);
  });
});
