/** What the firmware of a board takes of its flash and memory, by part: out of the linker's own account. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { RosehipError } from "../../host-agent/src/errors.js";
import { buildFirmware, type FirmwareOptions } from "../firmware/firmware.js";
import type { Built } from "../firmware/program.js";
import { projectFile } from "../project.js";

/** Octets. */
export interface Footprint {
  /** Code, constants and initial values. */
  readonly flash: Parts;
  /** Data with a place of their own; neither the arena nor the stack. */
  readonly staticMemory: Parts;
}

/**
 * `interpreter`: wasm3 as it is fetched and edited; `firmware`: firmware/src; `board`: its port; `library`: the C library
 * and what the compiler brings; `app`: the module, or what its C is compiled to.
 */
export const PARTS = ["interpreter", "firmware", "board", "library", "app", "total"] as const;
export type Parts = Readonly<Record<(typeof PARTS)[number], number>>;

/** Sections of the program (firmware/port/bare_metal/sections.ld), and where they count. */
const FLASH = new Set([".text", ".rodata", ".data"]);
const MEMORY = new Set([".data", ".bss"]);

/**
 * Builds the firmware for a board and measures it.
 * @throws as buildFirmware; BUILD_FOOTPRINT if the linker's map is not understood
 */
export async function measureFirmware(options: FirmwareOptions): Promise<Footprint> {
  return readFootprint(await buildFirmware(options));
}

/** Measures what buildFirmware made for a board. @throws BUILD_FOOTPRINT */
export async function readFootprint({ path: program, sources }: Built): Promise<Footprint> {
  return readMap(await readFile(`${program}.map`, "utf8"), sources);
}

/** ` .text.name  0xADDRESS  0xSIZE  FILE`, of which the name may have a line of its own, and `.text 0xADDRESS 0xSIZE`. */
const INPUT = /^ (?:(\*fill\*|\.\S+|COMMON)\s+)?\s*0x([0-9a-f]+)\s+0x([0-9a-f]+)(?:\s+(\S.*))?$/;
const OUTPUT = /^(\.\S+)(?:\s+0x[0-9a-f]+\s+0x[0-9a-f]+.*)?$/;

/** @throws BUILD_FOOTPRINT */
function readMap(map: string, sources: Sources): Footprint {
  const flash = emptyParts();
  const staticMemory = emptyParts();
  const start = map.indexOf("Linker script and memory map");
  let section = "";
  for (const line of map.slice(start).split("\n")) {
    const output = OUTPUT.exec(line);
    if (output !== null) section = output[1] ?? "";
    const input = INPUT.exec(line);
    if (output !== null || input === null || Number.parseInt(input[2] ?? "", 16) === 0) continue;
    const octets = Number.parseInt(input[3] ?? "", 16);
    const part = partOf(input[4] ?? "", sources);
    if (FLASH.has(section)) count(flash, part, octets);
    if (MEMORY.has(section)) count(staticMemory, part, octets);
  }
  if (start < 0 || flash.total === 0) {
    throw new RosehipError("BUILD_FOOTPRINT", "the linker's map does not tell what takes how much flash");
  }
  return { flash, staticMemory };
}

type MutableParts = { -readonly [Part in keyof Parts]: number };

function emptyParts(): MutableParts {
  return { interpreter: 0, firmware: 0, board: 0, library: 0, app: 0, total: 0 };
}

function count(parts: MutableParts, part: keyof Parts, octets: number): void {
  parts[part] += octets;
  parts.total += octets;
}

type Sources = ReadonlyMap<string, string>;

function partOf(object: string, sources: Sources): keyof Parts {
  const source = sources.get(object);
  if (source === undefined) return "library";
  const name = path.basename(source);
  if (name === "app.S") return "app"; // of firmware/port/bare_metal: the module, linked in
  if (source.startsWith(projectFile("firmware/port"))) return "board";
  if (source.startsWith(projectFile("firmware/src"))) return "firmware";
  return name.startsWith("m3_") ? "interpreter" : "app";
}
