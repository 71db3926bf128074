/** What the firmware consists of, as the build sees it. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { RosehipError } from "../../host-agent/src/errors.js";
import { appSource, programKey } from "../aot/source.js";
import { projectFile } from "../project.js";
import { monocypherSource } from "./monocypher.js";
import { type BuildOptions, type Built, buildProgram, type Program, type SourceGroup } from "./program.js";
import { crossToolchain, type Engine } from "./target.js";
import { wasm3Source } from "./wasm3.js";

/** For programs with the interpreter in them: it needs sqrt. */
export const LINK_FLAGS = ["-lm"];

/** C stack for the app on a board; __stack_size of its link.ld leaves room for the rest. */
const BOARD_NATIVE_STACK_BYTES = 16_384;

/** What the C library is to declare beyond C11, for code that runs on an operating system. */
const POSIX = ["-D_XOPEN_SOURCE=700", "-D_DEFAULT_SOURCE"];

/** For all C of this project. */
export const WARNINGS = ["-std=c11", "-Wall", "-Wextra", "-Werror"];

/** Asserts stay in where errors are looked for, and cost nothing on a board; there, memory counts more than speed. */
function optimisation({ sanitize, target = "native" }: BuildOptions): string[] {
  if (target !== "native") return ["-Os", "-DNDEBUG", "-ffunction-sections", "-fdata-sections"];
  return sanitize ? ["-O1"] : ["-O2", "-DNDEBUG"];
}

export interface FirmwareOptions extends BuildOptions {
  /** By default wasm3. */
  readonly engine?: Engine;
  /** Ed25519 public key, 32 octets: the board takes apps over the link only if they are signed with it. */
  readonly appKey?: Uint8Array;
  /** app.wasm, to be part of the firmware; the engine aot needs it. */
  readonly app?: string;
  /** Takes apps over the link into the flash of the board: qemu_riscv32. The others have no such flash, or always. */
  readonly appFlash?: boolean;
  /** C stack of a board without an operating system; by default what its link.ld says. */
  readonly stackBytes?: number;
}

/**
 * Builds the firmware for one make of board.
 * @example const { path } = await buildFirmware(); spawn(path, ["--pty", "/tmp/board", "--app", "app.wasm"]);
 */
export async function buildFirmware(options: FirmwareOptions = {}): Promise<Built> {
  const { engine, name } = await signedGroups(options, await engineGroups(options));
  return buildProgram(
    {
      name: `rosehip-firmware${variant(options)}${name}`,
      groups: [...engine, await coreGroup(options), await portGroup(options)],
      ...linkSteps(options),
    },
    options,
  );
}

interface EngineGroups {
  readonly engine: SourceGroup[];
  /** Of the program, behind that of the firmware. */
  readonly name: string;
}

/** Distinguishes programs for the same target that differ in more than the app. */
function variant({ appFlash, stackBytes }: FirmwareOptions): string {
  return `${appFlash ? "-flash" : ""}${stackBytes === undefined ? "" : `-stack${stackBytes}`}`;
}

/** What runs the app. With the app in it, the program has a name of its own for each. */
async function engineGroups(options: FirmwareOptions): Promise<EngineGroups> {
  if (options.engine !== "aot") {
    const name = options.app === undefined ? "" : `-${programKey(options.app)}`;
    return { engine: [await wasm3Group(options)], name };
  }
  if (options.app === undefined) {
    throw new RosehipError(
      "BUILD_NO_APP",
      "The engine aot runs an app that is compiled with the firmware: which?",
      {
        remedy: "Give the app.wasm that `rosehip build` made.",
      },
    );
  }
  const { file, key } = await appSource(options.app);
  return { engine: [aotGroup(file, options)], name: `-${key}` };
}

/** Arithmetic with a NaN makes it quiet, as WebAssembly wants: without this the compiler leaves `x * 1` out. */
export const AOT_FLAGS = ["-fsignaling-nans", "-Wno-ignored-optimization-argument"];

/** An app in C: for speed on boards, too, where it takes a third more flash than with -Os and half the instructions. */
export function aotGroup(file: string, options: BuildOptions = {}): SourceGroup {
  return {
    sources: [file],
    includes: [projectFile("firmware/include"), projectFile("firmware/src")],
    flags: [...WARNINGS, ...optimisation(options), ...AOT_FLAGS, ...(options.sanitize ? [] : ["-O2"])],
  };
}

/** With a key, the library that checks signatures besides; not ours, so without warnings. */
async function signedGroups(options: FirmwareOptions, { engine, name }: EngineGroups): Promise<EngineGroups> {
  if (options.appKey === undefined) return { engine, name };
  const folder = await monocypherSource();
  const library = {
    sources: await sourceFiles(folder),
    includes: [folder],
    flags: ["-std=c11", "-w", ...optimisation(options)],
  };
  return {
    engine: [...engine, library],
    name: `${name}-key${Buffer.from(options.appKey).toString("hex", 0, 4)}`,
  };
}

/** The board itself, and what boards without an operating system share. */
async function portGroup(options: FirmwareOptions): Promise<SourceGroup> {
  const { target = "native", engine, app, appFlash = false } = options;
  const names = target === "native" ? ["posix"] : [target, "bare_metal"];
  const folders = names.map((name) => projectFile("firmware/port", name));
  const linked = app === undefined || engine === "aot" ? [] : await linkedApp(app);
  const flash = appFlash ? ["-DROSEHIP_APP_FLASH"] : [];
  return {
    sources: (await Promise.all(folders.map(sourceFiles))).flat(),
    includes: [projectFile("firmware/include"), ...folders],
    flags: [
      ...WARNINGS,
      ...(target === "native" ? POSIX : []),
      ...optimisation(options),
      ...linked,
      ...flash,
    ],
  };
}

/** The module as part of the program; its sum, so that the program is built anew when it changes. */
async function linkedApp(app: string): Promise<string[]> {
  const sum = createHash("sha256")
    .update(await readFile(app))
    .digest("hex");
  return [`-DROSEHIP_APP="${app}"`, `-DROSEHIP_APP_SUM=0x${sum.slice(0, 8)}`];
}

/** Where code and data go on a board is said by its link.ld and by bare_metal/sections.ld. */
function linkSteps({
  target = "native",
  stackBytes,
}: FirmwareOptions): Pick<Program, "linkFlags" | "linkInputs"> {
  if (target === "native") return { linkFlags: LINK_FLAGS };
  const script = projectFile("firmware/port", target, "link.ld");
  const sections = projectFile("firmware/port/bare_metal/sections.ld");
  return {
    linkFlags: [
      ...["-nostartfiles", "-Wl,--gc-sections", "-Wl,--fatal-warnings"],
      ...(stackBytes === undefined ? [] : [`-Wl,--defsym=__stack_size=${stackBytes}`]),
      ...[`-L${path.dirname(sections)}`, `-T${script}`],
      ...LINK_FLAGS,
    ],
    linkInputs: [script, sections],
  };
}

/** Builds the simulated serial line of the system tests and the bench; see the head of test/system/line/line.c. */
export async function buildLine(options: BuildOptions = {}): Promise<Built> {
  const port = projectFile("firmware/port/posix");
  return buildProgram(
    {
      name: "rosehip-line",
      groups: [
        {
          sources: [
            projectFile("test/system/line/line.c"),
            path.join(port, "link.c"),
            path.join(port, "link_terminal.c"),
          ],
          includes: [projectFile("firmware/include"), projectFile("firmware/port")],
          flags: [...WARNINGS, ...POSIX, ...optimisation(options)],
        },
      ],
    },
    options,
  );
}

/** firmware/src: everything that is the same on every board, and the engine. Tests link it without a port. */
export async function coreGroup(options: FirmwareOptions = {}): Promise<SourceGroup> {
  const isAot = options.engine === "aot";
  const key = options.appKey === undefined ? [] : [`-DROSEHIP_APP_KEY=${[...options.appKey].join(",")}`];
  return {
    sources: await sourceFiles(projectFile("firmware/src")),
    includes: [
      projectFile("firmware/include"),
      projectFile("firmware/src"),
      ...(isAot ? [] : [await wasm3Source()]),
      ...(key.length === 0 ? [] : [await monocypherSource()]),
    ],
    flags: [
      ...WARNINGS,
      ...optimisation(options),
      ...(crossToolchain(options.target ?? "native")?.ours ?? []),
      ...(isAot ? ["-DROSEHIP_ENGINE_AOT"] : []),
      ...key,
    ],
  };
}

/**
 * The interpreter, without warnings, since it is not ours, and always optimised: its instructions are functions
 * that end in calls to the next, which need no stack only if the compiler makes jumps of these calls. Its 64-bit values
 * lie in pairs of 32-bit slots, so the sanitizers must not ask for their alignment.
 */
export async function wasm3Group(options: BuildOptions = {}): Promise<SourceGroup> {
  const folder = await wasm3Source();
  const isBoard = (options.target ?? "native") !== "native";
  return {
    sources: await sourceFiles(folder),
    includes: [folder, projectFile("firmware/src/wasm")],
    flags: [
      ...["-std=gnu11", "-w", ...(isBoard ? optimisation(options) : ["-O2"])],
      // Inlined once they would be smaller each, and their frames on the C stack, and all of them together, larger.
      ...(isBoard ? ["-fno-inline-functions-called-once"] : []),
      ...(isBoard ? [`-Dd_m3MaxNativeStack=${BOARD_NATIVE_STACK_BYTES}`] : []),
      ...["-foptimize-sibling-calls", "-fwrapv"], // WebAssembly's integers wrap
      ...(options.sanitize ? ["-fno-sanitize=alignment"] : []),
      ...["-include", projectFile("firmware/src/wasm/wasm3_config.h")],
    ],
  };
}

async function sourceFiles(folder: string): Promise<string[]> {
  const files = await readdir(folder, { recursive: true });
  return files
    .filter((file) => /\.[cS]$/.test(file))
    .sort()
    .map((file) => path.join(folder, file));
}
