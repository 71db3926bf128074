import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { buildApp } from "../../toolchain/build/build.js";
import { workerFolder } from "../worker.js";

/** A variant of the AddTwoInts example whose sums are `offset` more, so that an answer tells which app gave it. */
export const addTwoInts = (offset: number, more = ""): string => `
import { AddTwoInts } from "example_interfaces/srv";
import { Node } from "rosehip/assembly";

const node = new Node("minimal_service");

node.createService(AddTwoInts, "add_two_ints", (request, response) => {
  response.sum = request.a + request.b + ${offset};
});
${more}
`;

/** Where an app called `name` has its source, for tests that change it. */
export const sourceFolder = (name: string): string => workerFolder("deploy", name);

export function writeSource(name: string, source: string): string {
  const folder = sourceFolder(name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "app.ts"), source);
  return folder;
}

/** @returns the path of its app.wasm */
export async function buildSource(name: string, source: string): Promise<string> {
  return (await buildApp({ entry: writeSource(name, source) })).wasmPath;
}

/** The same app for the board, but another one by its hash: with a custom section of `octets` at its end. */
export function padded(wasm: Uint8Array, octets: number): Uint8Array {
  const length = (value: number) => [0x80 | (value & 0x7f), 0x80 | ((value >> 7) & 0x7f), value >> 14];
  const name = [3, 0x70, 0x61, 0x64];
  return Buffer.concat([
    wasm,
    Buffer.from([0, ...length(name.length + octets), ...name]),
    Buffer.alloc(octets, 1),
  ]);
}
