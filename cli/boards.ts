import { type FSWatcher, watch } from "node:fs";
import { readdir } from "node:fs/promises";

export interface Board {
  readonly device: string;
  /** For people: "Espressif (303a:1001)". */
  readonly description: string;
}

/** USB vendors of boards and of the USB-to-serial chips on boards. Others (modems, printers) are left alone. */
const VENDORS: ReadonlyMap<string, string> = new Map([
  ["303a", "Espressif"],
  ["10c4", "Silicon Labs CP210x"],
  ["1a86", "WCH CH34x"],
  ["0403", "FTDI"],
  ["067b", "Prolific PL2303"],
  ["0483", "STMicroelectronics"],
  ["2e8a", "Raspberry Pi"],
  ["16c0", "Teensy"],
  ["2341", "Arduino"],
  ["239a", "Adafruit"],
]);

/** Where the operating system puts USB serial ports; other terminals in /dev are not boards. */
const USB_SERIAL = /^(tty(ACM|USB)\d+|cu\.usb.*)$/;

/** The serial devices that look like a microcontroller board, in the system's order. */
export async function findBoards(): Promise<Board[]> {
  const { SerialPort } = await import("serialport");
  const ports = await SerialPort.list().catch(() => undefined);
  if (ports === undefined) return boardsByName();
  return ports.flatMap((port) => {
    const vendor = VENDORS.get(port.vendorId?.toLowerCase() ?? "");
    if (vendor === undefined) return [];
    return [{ device: port.path, description: `${vendor} (${port.vendorId}:${port.productId ?? "?"})` }];
  });
}

/** Without udev (containers) nothing tells the vendor: then the name has to do. */
async function boardsByName(): Promise<Board[]> {
  const names = await readdir("/dev");
  return names
    .filter((name) => USB_SERIAL.test(name))
    .map((name) => ({ device: `/dev/${name}`, description: "USB serial port" }));
}

/** A device node exists a little before udev has set its rights; many events come for one plug. */
const SETTLE_MS = 300;

/**
 * Calls `onBoard` once for each board plugged in from now on (Linux and macOS, where devices are files).
 * @returns stops watching
 */
export function watchBoards(known: Iterable<string>, onBoard: (board: Board) => void): () => void {
  const seen = new Set(known);
  let timer: NodeJS.Timeout | undefined;
  let watcher: FSWatcher | undefined;
  const look = async () => {
    for (const board of await findBoards()) {
      if (seen.has(board.device)) continue;
      seen.add(board.device);
      onBoard(board);
    }
  };
  if (process.platform !== "win32") {
    watcher = watch("/dev", (_event, name) => {
      if (name === null || !USB_SERIAL.test(name)) return;
      clearTimeout(timer);
      timer = setTimeout(() => void look(), SETTLE_MS);
    });
  }
  return () => {
    clearTimeout(timer);
    watcher?.close();
  };
}
