/** Emulated boards: QEMU's command line for a firmware, and the boot image that gives it settings and an app. */
import { RosehipError } from "../../host-agent/src/errors.js";
import { run } from "./process.js";
import { installCommand, type Target } from "./target.js";

/** As in firmware/port/bare_metal/boot_image.h. */
const BOOT_IMAGE_MAGIC = 0x31424852;
const BOOT_IMAGE_HEADER_BYTES = 32;

export interface BootSettings {
  /** The app.wasm; without it the app runs that is linked into the firmware. */
  readonly app?: Uint8Array;
  /** 4 octets, by default those of the firmware. */
  readonly clientKey?: Uint8Array;
  readonly domain?: number;
  /** Time for which a deployed app has to run before it is kept. */
  readonly healthMs?: number;
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
  header.writeUInt16LE(settings.healthMs ?? 0, 10);
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

/** What QEMU asks of the file. The board uses the first MiB. */
export const FLASH_FILE_BYTES = 32 * 1024 * 1024;

interface Machine {
  readonly command: string;
  readonly machine: readonly string[];
  /** The option that names the firmware. */
  readonly firmware: string;
  /** `__boot_image` of the board's link.ld. */
  readonly bootImage: string;
  /** Where the console's lines go: to the chardev "console". The link is the chardev "link". */
  readonly console: readonly string[];
}

const MACHINES: Readonly<Record<Exclude<Target, "native">, Machine>> = {
  qemu_riscv32: {
    command: "qemu-system-riscv32",
    machine: ["-M", "virt", "-m", "16M"],
    firmware: "-bios", // -kernel would not be loaded beside the flash
    bootImage: "0x80800000",
    console: ["-serial", "chardev:link", "-semihosting-config", "enable=on,target=native,chardev=console"],
  },
  qemu_cortex_m: {
    command: "qemu-system-arm",
    machine: ["-M", "mps2-an385"],
    firmware: "-kernel",
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
  /** A file for the flash for apps of qemu_riscv32, {@link FLASH_FILE_BYTES} long; the firmware is one with `appFlash`. */
  readonly flash?: string;
  readonly more?: readonly string[];
}

/** @throws BUILD_NO_EMULATOR if there is no QEMU for this target */
export async function requireEmulator(target: EmulatedBoard["target"]): Promise<void> {
  const { command } = MACHINES[target];
  if ((await run(command, ["--version"]))?.status === 0) return;
  throw new RosehipError("BUILD_NO_EMULATOR", `${command} is not installed.`, {
    remedy: `Debian and Ubuntu: \`${installCommand(target)}\`.`,
  });
}

/** The console is on standard output. */
export function emulatorCommand(board: EmulatedBoard): { command: string; args: string[] } {
  const { command, machine, firmware, bootImage: address, console } = MACHINES[board.target];
  const loader = `loader,file=${board.image},addr=${address},force-raw=on`;
  const args = [
    ...machine,
    ...["-display", "none", "-monitor", "none", firmware, board.firmware],
    ...(board.image === undefined ? [] : ["-device", loader]),
    ...["-chardev", "stdio,id=console,signal=off", "-chardev", insertId(board.link)],
    ...console,
    ...(board.flash === undefined ? [] : ["-drive", `if=pflash,unit=1,format=raw,file=${board.flash}`]),
    ...(board.more ?? []),
  ];
  return { command, args };
}

/** `serial,path=...` as `serial,id=link,path=...`. */
function insertId(chardev: string): string {
  const [kind, ...options] = chardev.split(",");
  return [kind, "id=link", ...options].join(",");
}
