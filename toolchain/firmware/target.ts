/** The makes of board that the firmware is built for here. ESP-IDF and PlatformIO build for others. */
import { readFileSync } from "node:fs";
import { projectFile } from "../project.js";

export const TARGETS = ["native", "qemu_riscv32", "qemu_cortex_m"] as const;
/** `native` is this computer, by firmware/port/posix; the others have a folder of their name in firmware/port. */
export type Target = (typeof TARGETS)[number];

export const ENGINES = ["wasm3", "aot"] as const;
/** How the app runs: interpreted, or translated to C and compiled with the firmware. */
export type Engine = (typeof ENGINES)[number];

/** A toolchain for a board without an operating system. */
export interface CrossToolchain {
  /** In front of gcc, size, objcopy and nm. */
  readonly prefix: string;
  /** For every file. */
  readonly compile: readonly string[];
  /** For our own C: what must not be given for the interpreter's, whose calls in tail position are to be jumps. */
  readonly ours?: readonly string[];
  readonly link: readonly string[];
  /** What installs it, and the emulator of its board, on Debian and Ubuntu. */
  readonly packages: readonly string[];
}

const TOOLCHAINS = JSON.parse(
  readFileSync(projectFile("toolchain/firmware/targets.json"), "utf8"),
) as Readonly<Record<Exclude<Target, "native">, CrossToolchain>>;

/** undefined: this computer's own compiler. */
export function crossToolchain(target: Target): CrossToolchain | undefined {
  return target === "native" ? undefined : TOOLCHAINS[target];
}

/** How to get what building for `target` and running it takes. */
export function installCommand(target: Exclude<Target, "native">): string {
  return `sudo apt-get install ${TOOLCHAINS[target].packages.join(" ")}`;
}
