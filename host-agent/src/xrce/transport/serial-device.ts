import { execFile } from "node:child_process";
import { close, constants, open } from "node:fs";
import type { Duplex } from "node:stream";
import { ReadStream } from "node:tty";
import { promisify } from "node:util";
import { RosehipError } from "../../errors.js";

export interface SerialOptions {
  /** `/dev/ttyUSB0`, `COM3`, or a symbolic link to a pseudo-terminal. */
  readonly path: string;
  /** Bits per second; absent leaves the device's speed alone (pseudo-terminals have none). */
  readonly baudRate?: number;
}

/** Opens a device raw, 8N1, without flow control. The stream reads and writes it. @throws RosehipError, Error */
export type OpenSerialDevice = (options: SerialOptions) => Promise<Duplex>;

const run = promisify(execFile);

export const openSerialDevice: OpenSerialDevice = (options) =>
  process.platform === "win32" ? openWithSerialPort(options) : openTerminal(options);

/**
 * POSIX: the descriptor as a terminal stream of libuv, which epoll or kqueue serves at once; `serialport`'s own poller and
 * thread pool make a round trip five times slower. tty.WriteStream would write blockingly, so the read stream, which
 * is a duplex one, also writes.
 */
async function openTerminal(options: SerialOptions): Promise<Duplex> {
  const { O_RDWR, O_NOCTTY, O_NONBLOCK } = constants;
  const descriptor = await promisify(open)(options.path, O_RDWR | O_NOCTTY | O_NONBLOCK);
  try {
    await configure(options);
    return new ReadStream(descriptor);
  } catch (error) {
    await promisify(close)(descriptor);
    throw error;
  }
}

/** Settings stick to the device while any descriptor of it is open, so another process may make them. */
async function configure({ path, baudRate }: SerialOptions): Promise<void> {
  const device = [process.platform === "linux" ? "-F" : "-f", path];
  // -hupcl: closing must not drop DTR, which resets many boards.
  await run("stty", [
    ...device,
    "raw",
    "-echo",
    "-iexten",
    "cs8",
    "-parenb",
    "-cstopb",
    "clocal",
    "-crtscts",
    "-hupcl",
  ]);
  if (baudRate === undefined) return;
  try {
    await run("stty", [...device, String(baudRate)]);
  } catch {
    await setUnusualSpeed(path, baudRate);
  }
}

/** stty knows the named speeds only; serialport can set any. It may go again: our descriptor keeps the setting. */
async function setUnusualSpeed(path: string, baudRate: number): Promise<void> {
  try {
    const port = await openWithSerialPort({ path, baudRate });
    await new Promise<void>((resolve) => port.destroy().once("close", () => resolve()));
  } catch (cause) {
    throw new RosehipError("XRCE_BAUD_RATE", `${path} does not take ${baudRate} bits per second`, {
      where: path,
      remedy: "Use a speed that both the device and its firmware know, such as 115200.",
      cause,
    });
  }
}

async function openWithSerialPort({ path, baudRate = 115_200 }: SerialOptions): Promise<Duplex> {
  const { SerialPort } = await import("serialport");
  return new Promise((resolve, reject) => {
    const port = new SerialPort({ path, baudRate, hupcl: false, lock: false }, (error) => {
      if (error !== null) {
        reject(error);
        return;
      }
      // SerialPort has no _destroy of its own, so that destroy() would leave the port open.
      const close = (cause: Error | null, done: (error: Error | null) => void): void => {
        port.close(() => done(cause));
      };
      resolve(Object.assign(port, { _destroy: close }));
    });
  });
}
