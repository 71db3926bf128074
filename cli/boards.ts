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
/** What failed is tried again after this time: it is a matter of the system's limits or rights, which change slowly. */
const TRY_AGAIN_MS = 5000;

export interface BoardListener {
  /** A board was plugged in; called once for each device. */
  onBoard(board: Board): void;
  /** Boards are not noticed for now; called once until it works again, and it is tried again meanwhile. */
  onFault(error: Error): void;
}

/** Where devices come and go. */
export interface DeviceFolder {
  watch(onChange: (name: string | null) => void): FSWatcher;
  find(): Promise<Board[]>;
}

const DEV: DeviceFolder = {
  watch: (onChange) => watch("/dev", (_event, name) => onChange(name)),
  find: findBoards,
};

/**
 * Watches for boards that are plugged in from now on (Linux and macOS, where devices are files).
 * @param known devices that are not told
 * @returns stops watching
 */
export function watchBoards(known: Iterable<string>, listener: BoardListener, folder = DEV): () => void {
  if (process.platform === "win32") return () => {};
  const boards = new BoardWatch(new Set(known), listener, folder);
  return () => boards.close();
}

/**
 * Watching: `watcher` is open, and an event leads to a look. Failed: what is missing, the watcher or the look, is made up for on
 * a timer until both work; then what came meanwhile is found by the look. Closed: neither a watcher nor a timer.
 */
class BoardWatch {
  private watcher: FSWatcher | undefined;
  private timer: NodeJS.Timeout | undefined;
  private failed = false;
  private closed = false;

  constructor(
    private readonly seen: Set<string>,
    private readonly listener: BoardListener,
    private readonly folder: DeviceFolder,
  ) {
    this.open();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.watcher?.close();
  }

  private open(): void {
    try {
      this.watcher = this.folder.watch((name) => {
        if (name !== null && USB_SERIAL.test(name)) this.lookIn(SETTLE_MS);
      });
      this.watcher.on("error", (error) => {
        this.watcher?.close();
        this.watcher = undefined;
        this.fail(error);
      });
    } catch (error) {
      this.fail(error);
    }
  }

  private lookIn(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.look(), ms);
  }

  private async look(): Promise<void> {
    if (this.watcher === undefined) this.open();
    const boards = await this.folder.find().catch((error: unknown) => this.fail(error));
    if (boards === undefined || this.closed) return;
    if (this.watcher !== undefined) this.failed = false;
    for (const board of boards) {
      if (this.seen.has(board.device)) continue;
      this.seen.add(board.device);
      this.listener.onBoard(board);
    }
  }

  private fail(error: unknown): void {
    if (this.closed) return;
    if (!this.failed) this.listener.onFault(error as Error);
    this.failed = true;
    this.lookIn(TRY_AGAIN_MS);
  }
}
