/** The makes of board that the firmware is built for here. ESP-IDF and PlatformIO build for others. */

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
  readonly link: readonly string[];
  /** What installs it, and the emulator of its board, on Debian and Ubuntu. */
  readonly packages: readonly string[];
}

const TOOLCHAINS: Readonly<Record<Exclude<Target, "native">, CrossToolchain>> = {
  qemu_riscv32: {
    prefix: "riscv64-unknown-elf-",
    compile: ["-march=rv32imc_zicsr", "-mabi=ilp32", "--specs=picolibc.specs"],
    // The C library has no variant of its own for rv32imc; the linker takes the nearest.
    link: ["-march=rv32im", "-mabi=ilp32", "--specs=picolibc.specs"],
    packages: ["qemu-system-misc", "gcc-riscv64-unknown-elf", "picolibc-riscv64-unknown-elf"],
  },
  qemu_cortex_m: {
    prefix: "arm-none-eabi-",
    compile: ["-mcpu=cortex-m3", "-mthumb", "--specs=picolibc.specs"],
    link: ["-mcpu=cortex-m3", "-mthumb", "--specs=picolibc.specs"],
    packages: ["qemu-system-arm", "gcc-arm-none-eabi", "picolibc-arm-none-eabi"],
  },
};

/** undefined: this computer's own compiler. */
export function crossToolchain(target: Target): CrossToolchain | undefined {
  return target === "native" ? undefined : TOOLCHAINS[target];
}

/** How to get what building for `target` and running it takes. */
export function installCommand(target: Exclude<Target, "native">): string {
  return `sudo apt-get install ${TOOLCHAINS[target].packages.join(" ")}`;
}
