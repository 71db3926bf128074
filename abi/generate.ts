import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { argv } from "node:process";
import { fileURLToPath } from "node:url";
import { renderAssembly } from "./render/assembly.js";
import { renderCHeader } from "./render/c_header.js";
import { renderHost } from "./render/host.js";
import { renderMarkdown } from "./render/markdown.js";

/** Every file that is generated from the table: path from the root of the repository, and its whole text. */
export function generateAbi(): ReadonlyMap<string, string> {
  return new Map([
    ["assembly/env.ts", renderAssembly()],
    ["firmware/src/wasm/abi_table.h", renderCHeader()],
    ["simulation/abi.ts", renderHost()],
    ["docs/abi.md", renderMarkdown()],
  ]);
}

/** `npm run abi`, from the root of the repository. */
if (argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, text] of generateAbi()) {
    const target = join(process.cwd(), path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
}
