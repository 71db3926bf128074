/** Emulated boards: QEMU's command line for a firmware, and the boot image that gives it settings and an app. */
import type { Target } from "./target.js";

/** As in firmware/port/bare_metal/boot_image.h. */
const BOOT_IMAGE_MAGIC = 0x31424852;
const BOOT_IMAGE_HEADER_BYTES = 32;

export interface BootSettings {
  /** The app.wasm; without it the app runs that is linked into the firmware. */
  readonly app?: Uint8Array;
  /** 4 octets, by default those of the firmware. */
  readonly clientKey?: Uint8Array;
  readonly domain?: number;
  /** Longest time the app may run without giving control back. */
  readonly budgetMs?: number;
  /** Most linear memory the app may ask for. */
  readonly memoryLimit?: number;
  /** Largest request, response or message. */
  readonly sampleLimit?: number;
}

/** What `-device loader` puts into an emulated board's memory. */
export function bootImage(settings: BootSettings): Buffer {
  const { app = new Uint8Array(), clientKey = Uint8Array.of(0x0b, 0xad, 0xca, 0xfe) } = settings;
  const header = Buffer.alloc(BOOT_IMAGE_HEADER_BYTES);
  header.writeUInt32LE(BOOT_IMAGE_MAGIC, 0);
  header.set(clientKey, 4);
  header.writeUInt16LE(settings.domain ?? 0, 8);
  header.writeUInt32LE((settings.budgetMs ?? 0) * 1000, 12);
  header.writeUInt32LE(settings.memoryLimit ?? 0, 16);
  header.writeUInt32LE(settings.sampleLimit ?? 0, 20);
  header.writeUInt32LE(app.byteLength, 24);
  header.writeUInt32LE(fnv1a(app), 28);
  return Buffer.concat([header, app]);
}

function fnv1a(octets: Uint8Array): number {
  let sum = 2166136261;
  for (const octet of octets) sum = Math.imul(sum ^ octet, 16777619) >>> 0;
  return sum;
}

interface Machine {
  readonly command: string;
  readonly machine: readonly string[];
  /** `__boot_image` of the board's link.ld. */
  readonly bootImage: string;
  /** Where the console's lines go: to the chardev "console". The link is the chardev "link". */
  readonly console: readonly string[];
}

const MACHINES: Readonly<Record<Exclude<Target, "native">, Machine>> = {
  qemu_riscv32: {
    command: "qemu-system-riscv32",
    machine: ["-M", "virt", "-m", "16M", "-bios", "none"],
    bootImage: "0x80800000",
    console: ["-serial", "chardev:link", "-semihosting-config", "enable=on,target=native,chardev=console"],
  },
  qemu_cortex_m: {
    command: "qemu-system-arm",
    machine: ["-M", "mps2-an385"],
    bootImage: "0x21000000",
    console: ["-serial", "chardev:link", "-serial", "chardev:console"],
  },
};

export interface EmulatedBoard {
  readonly target: Exclude<Target, "native">;
  /** The ELF file that buildFirmware made. */
  readonly firmware: string;
  /** A file with {@link bootImage}. */
  readonly image?: string;
  /** QEMU's character device at the other end of the UART, e.g. `serial,path=/dev/pts/3`. */
  readonly link: string;
  readonly more?: readonly string[];
}

/** The console is on standard output. */
export function emulatorCommand(board: EmulatedBoard): { command: string; args: string[] } {
  const { command, machine, bootImage: address, console } = MACHINES[board.target];
  const loader = `loader,file=${board.image},addr=${address},force-raw=on`;
  const args = [
    ...machine,
    ...["-display", "none", "-monitor", "none", "-kernel", board.firmware],
    ...(board.image === undefined ? [] : ["-device", loader]),
    ...["-chardev", "stdio,id=console,signal=off", "-chardev", insertId(board.link)],
    ...console,
    ...(board.more ?? []),
  ];
  return { command, args };
}

/** `serial,path=...` as `serial,id=link,path=...`. */
function insertId(chardev: string): string {
  const [kind, ...options] = chardev.split(",");
  return [kind, "id=link", ...options].join(",");
}
