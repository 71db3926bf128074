/** The boards that the suite runs on: this computer and emulated ones, each with each engine; or a real one. */
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import {
  type BootSettings,
  bootImage,
  emulatorCommand,
  FLASH_FILE_BYTES,
  requireEmulator,
} from "../../toolchain/firmware/emulator.js";
import { buildFirmware, buildLine } from "../../toolchain/firmware/firmware.js";
import { ENGINES, type Engine, TARGETS, type Target } from "../../toolchain/firmware/target.js";
import { projectFile } from "../../toolchain/project.js";
import { RunningProcess } from "./process.js";

export interface BoardKind {
  /** `device`: the board at the serial port that ROSEHIP_DEVICE names. */
  readonly target: Target | "device";
  readonly engine: Engine;
}

const DEVICE = process.env["ROSEHIP_DEVICE"];

const EVERY = TARGETS.flatMap((target) => ENGINES.map((engine) => ({ target, engine })));

/** For `describe.each(BOARDS)("$target, $engine", (kind) => ...)`. */
export const BOARDS: readonly BoardKind[] =
  DEVICE === undefined ? EVERY : [{ target: "device", engine: "wasm3" }];

/** For tests that read the board's console, too, which is not known of the board at a port. */
export const CONSOLE_BOARDS: readonly BoardKind[] =
  DEVICE === undefined ? EVERY : [{ target: "native", engine: "wasm3" }];

/** A program to start, one for each board that is started. */
export interface BoardCommand {
  readonly command: string;
  readonly args: readonly string[];
}

/** Makes boards of one kind, all with the same app. */
export interface BoardMaker {
  /** The ROS domain that its boards are in, if that cannot be chosen. */
  readonly domain?: number;
  /**
   * @param end path at which the board's end of the line is
   * @param options as those of the firmware on this computer
   */
  start(end: string, options: readonly string[], domain: number): BoardCommand;
}

export interface MakerOptions extends Partial<BoardKind> {
  readonly sanitize?: boolean;
  /** An emulated board with flash for apps; those on this computer have it by --flash. */
  readonly appFlash?: boolean;
}

export async function boardMaker(wasm: string, options: MakerOptions): Promise<BoardMaker> {
  const { target = "native", engine = "wasm3" } = options;
  if (target === "device") return DeviceBoards.deploy(wasm);
  const app = engine === "aot" ? { app: wasm } : {};
  const { path: firmware } = await buildFirmware({ ...options, target, engine, ...app });
  const module = engine === "aot" ? undefined : wasm;
  if (target === "native") return new NativeBoards(firmware, module);
  await requireEmulator(target);
  return new EmulatedBoards(target, firmware, module, (await buildLine()).path);
}

const CLIENT_KEY = "0BADCAFE";

export class NativeBoards implements BoardMaker {
  constructor(
    private readonly firmware: string,
    private readonly module: string | undefined,
  ) {}

  start(end: string, options: readonly string[]): BoardCommand {
    return this.startAt("--pty", end, options);
  }

  /** On any link. */
  startAt(link: string, address: string, options: readonly string[]): BoardCommand {
    const app = this.module === undefined ? [] : ["--app", this.module];
    return { command: this.firmware, args: [link, address, "--key", CLIENT_KEY, ...app, ...options] };
  }
}

/**
 * Boards in QEMU. A cable, two pseudo-terminals joined by a process, is between the board's end of the line and QEMU,
 * which can only open a terminal that is there; it stays when the board is switched off, as a USB adapter does.
 */
class EmulatedBoards implements BoardMaker {
  private readonly cables = new Map<string, RunningProcess>();

  constructor(
    private readonly target: Exclude<Target, "native">,
    private readonly firmware: string,
    private readonly module: string | undefined,
    private readonly line: string,
  ) {}

  start(end: string, options: readonly string[], domain: number): BoardCommand {
    const uart = `${end}-uart`;
    const image = `${end}-image`;
    this.plug(end, uart);
    const app = this.module === undefined ? {} : { app: readFileSync(this.module) };
    const clientKey = Buffer.from(CLIENT_KEY, "hex");
    const { flash, settings } = parse(options);
    writeFileSync(image, bootImage({ clientKey, domain, ...app, ...settings }));
    if (flash !== undefined) lengthen(flash);
    const board = { target: this.target, firmware: this.firmware, image, link: `serial,path=${uart}` };
    return emulatorCommand(flash === undefined ? board : { ...board, flash });
  }

  /** Waits for the cable in place: tests start boards as if that took no time, and it takes some milliseconds. */
  private plug(end: string, uart: string): void {
    if (this.cables.get(end)?.isRunning) return;
    for (const left of [end, uart]) rmSync(left, { force: true });
    this.cables.set(end, new RunningProcess("cable", this.line, [end, uart]));
    const limit = performance.now() + CABLE_LIMIT_MS;
    while (!existsSync(end) || !existsSync(uart)) {
      if (performance.now() > limit)
        throw new Error(`${this.line} made no terminals in ${CABLE_LIMIT_MS} ms`);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    }
  }
}

/** Makes a file for QEMU's flash; what is in it stays. Zeros are a flash that was never erased, which is no app. */
function lengthen(file: string): void {
  closeSync(openSync(file, "a"));
  truncateSync(file, FLASH_FILE_BYTES);
}

const CABLE_LIMIT_MS = 10_000;

const SETTINGS: Readonly<Record<string, keyof BootSettings>> = {
  "--memory": "memoryLimit",
  "--budget-ms": "budgetMs",
  "--sample": "sampleLimit",
  "--health-ms": "healthMs",
};

/** Options of the firmware on this computer as settings of a board. */
function parse(options: readonly string[]): { flash: string | undefined; settings: BootSettings } {
  const settings: Record<string, number> = {};
  let flash: string | undefined;
  for (let i = 0; i < options.length; i += 2) {
    const [option = "", value = ""] = options.slice(i, i + 2);
    const name = SETTINGS[option];
    if (option === "--flash") flash = value;
    else if (name === undefined) throw new Error(`an emulated board has no ${option}`);
    else settings[name] = Number(value);
  }
  return { flash, settings };
}

/**
 * The board at ROSEHIP_DEVICE, in the domain ROS_DOMAIN_ID. Apps are deployed to it, so its firmware must take them; it
 * runs already, and has the settings that it was built with.
 */
class DeviceBoards implements BoardMaker {
  readonly domain = Number(process.env["ROS_DOMAIN_ID"] ?? 0);

  private constructor(private readonly device: string) {}

  static async deploy(wasm: string): Promise<DeviceBoards> {
    const device = DEVICE ?? "";
    const deploy = new RunningProcess("deploy", process.execPath, [
      projectFile("dist/cli/main.js"),
      ...["deploy", wasm, "--dev", device],
    ]);
    if ((await deploy.exited) !== 0) throw new Error(deploy.transcript());
    return new DeviceBoards(device);
  }

  /** Its console is not known, so the process says nothing. */
  start(end: string): BoardCommand {
    rmSync(end, { force: true });
    symlinkSync(this.device, end);
    return { command: "tail", args: ["-f", "/dev/null"] };
  }
}
