import { createHash, type KeyObject, sign } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { RosehipError } from "../host-agent/src/errors.js";
import { type BoardInfo, type DeployService, RESULT, SLOT } from "./deploy-service.js";

export interface AppToSend {
  readonly wasm: Uint8Array;
  /** Ed25519 private key that signs it. */
  readonly key?: KeyObject;
}

export interface Progress {
  /** Octets that the board has. */
  onSent?(octets: number, total: number): void;
  /** The board runs the new app from now on; `healthMs` is what it has to last. */
  onRunning?(healthMs: number): void;
}

/** Parts on their way at a time: enough to keep the line busy while the board writes one. */
const WINDOW = 4;
/** Every board takes parts of this size. */
const LEAST_CHUNK = 256;
/** How often a transfer may be taken up again where the board says it is. */
const RESUMES = 5;
const LOOK_AGAIN_MS = 100;
/** What a board may take longer than its trial: stopping the old app, compiling, a restart. */
const GRACE_MS = 15_000;

/** The version that the module says it was built for (docs/abi.md); 1 if it says none, so that the board tells. */
function abiVersion(wasm: Uint8Array): number {
  try {
    const module = new WebAssembly.Module(wasm);
    const imports: Record<string, Record<string, () => void>> = {};
    for (const { module: from, name } of WebAssembly.Module.imports(module)) {
      imports[from] ??= {};
      imports[from][name] = () => {};
    }
    const value = new WebAssembly.Instance(module, imports).exports["rosehip_abi_version"];
    return value instanceof WebAssembly.Global ? Number(value.value) : 1;
  } catch {
    return 1;
  }
}

/** What is signed: see rosehip_app_statement in firmware/include/rosehip/app_slot.h. */
export function statement(abi: number, length: number, hash: Uint8Array): Uint8Array {
  const octets = Buffer.alloc(56);
  octets.write("rosehip app v1", "latin1");
  octets.writeUInt32LE(abi, 16);
  octets.writeUInt32LE(length, 20);
  octets.set(hash, 24);
  return octets;
}

const refusal: Readonly<Record<number, readonly [code: string, message: string, remedy: string]>> = {
  [RESULT.busy]: [
    "DEPLOY_BUSY",
    "the board is busy",
    "Wait until the other deployment is over, and try again.",
  ],
  [RESULT.noTransfer]: ["DEPLOY_LOST", "the board restarted, or somebody else deployed", "Deploy again."],
  [RESULT.malformed]: [
    "DEPLOY_REFUSED",
    "the board does not understand the request",
    "Firmware and rosehip are of different versions: bring both to the same.",
  ],
  [RESULT.tooLarge]: [
    "DEPLOY_TOO_LARGE",
    "the app is too large",
    "Make it smaller, or give the board more app flash.",
  ],
  [RESULT.wrongAbi]: [
    "DEPLOY_WRONG_ABI",
    "the app was built for another version of the firmware's interface",
    "Build it with the version of rosehip that the firmware is of, or update the firmware.",
  ],
  [RESULT.wrongOffset]: [
    "DEPLOY_LOST",
    "parts of the app were lost again and again",
    "See to the connection, and deploy again.",
  ],
  [RESULT.wrongHash]: ["DEPLOY_WRONG_HASH", "what arrived is not what was sent", "Deploy again."],
  [RESULT.invalid]: ["DEPLOY_INVALID", "the board cannot run this module", "Build it with `rosehip build`."],
  [RESULT.notSigned]: [
    "DEPLOY_NOT_SIGNED",
    "the board takes only apps signed with its key",
    "Give the private key that belongs to it with --key.",
  ],
  [RESULT.flashFailed]: [
    "DEPLOY_FLASH",
    "the board's flash failed",
    "Try again; if it fails again, the flash is worn out.",
  ],
};

function refused(info: BoardInfo, where: string): RosehipError {
  const [code, message, remedy] = refusal[info.result] ?? [
    "DEPLOY_REFUSED",
    `the board refuses: ${info.result}`,
    "",
  ];
  const detail = info.message === "" ? "" : `: ${info.message}`;
  return new RosehipError(code, `${message}${detail}. The app that ran goes on running`, { where, remedy });
}

const isLost = (error: unknown): boolean =>
  error instanceof RosehipError && error.code === "DEPLOY_NO_ANSWER";

/** One app on its way to one board. */
export class Deployment {
  private readonly hash: string;
  private readonly where: string;

  constructor(
    private readonly service: Pick<DeployService, "ask" | "key">,
    private readonly app: AppToSend,
    private readonly progress: Progress = {},
  ) {
    this.hash = createHash("sha256").update(app.wasm).digest("hex");
    this.where = `board ${service.key}`;
  }

  /**
   * Sends the app, and waits until the board has kept it.
   * @returns false if this very app runs already, and nothing had to be done
   * @throws DEPLOY_… if the board refuses it, rolls it back or is lost
   */
  async run(): Promise<boolean> {
    const info = await this.afterTrial();
    if (this.isKept(info)) return false;
    await this.begin();
    try {
      await this.send(Math.max(info.chunkSize, LEAST_CHUNK));
      await this.commit();
    } catch (error) {
      // Nobody else should have to wait until this transfer is given up; a board that is gone has forgotten it.
      if (!isLost(error)) await this.service.ask("abort").catch(() => undefined);
      throw error;
    }
    await this.waitUntilKept();
    return true;
  }

  /** An app that somebody deployed just before has to come through its trial, or fail, first. */
  private async afterTrial(): Promise<BoardInfo> {
    let info = await this.service.ask("info");
    const deadline = performance.now() + info.healthMs + GRACE_MS;
    while (info.slots.some(({ state }) => state === SLOT.trial) && performance.now() < deadline) {
      await sleep(LOOK_AGAIN_MS);
      info = await this.service.ask("info");
    }
    return info;
  }

  private isKept({ slots, running }: BoardInfo): boolean {
    return slots[running]?.hash === this.hash && slots[running]?.state === SLOT.confirmed;
  }

  private async begin(): Promise<void> {
    const { wasm, key } = this.app;
    const hash = Buffer.from(this.hash, "hex");
    const abi = abiVersion(wasm);
    const info = await this.service.ask("begin", {
      abi_version: abi,
      size: wasm.byteLength,
      hash: [...hash],
      signature: key === undefined ? [] : [...sign(null, statement(abi, wasm.byteLength, hash), key)],
    });
    if (info.result === RESULT.ok) return;
    if (info.result !== RESULT.tooLarge) throw refused(info, this.where);
    throw refused(
      { ...info, message: `${wasm.byteLength} octets, there is room for ${info.capacity}` },
      this.where,
    );
  }

  private async send(chunkSize: number): Promise<void> {
    const { wasm } = this.app;
    let offset = 0;
    for (let resumes = 0; offset < wasm.byteLength; resumes++) {
      const info = await this.sendFrom(offset, chunkSize);
      if (info.result !== RESULT.ok && (info.result !== RESULT.wrongOffset || resumes === RESUMES)) {
        throw refused(info, this.where);
      }
      offset = info.received;
    }
  }

  /** @returns the last answer, or the first one that is not OK, when none are awaited any more */
  private async sendFrom(start: number, chunkSize: number): Promise<BoardInfo> {
    const { wasm } = this.app;
    const inFlight: Promise<BoardInfo>[] = [];
    let offset = start;
    try {
      for (;;) {
        while (offset < wasm.byteLength && inFlight.length < WINDOW) {
          const data = wasm.subarray(offset, offset + chunkSize);
          const answer = this.service.ask("write", { offset, data });
          answer.catch(() => undefined); // told when its turn comes, unless one before it has told the same
          inFlight.push(answer);
          offset += data.byteLength;
        }
        const info = await (inFlight.shift() as Promise<BoardInfo>);
        if (info.result !== RESULT.ok) return info;
        this.progress.onSent?.(info.received, wasm.byteLength);
        if (offset >= wasm.byteLength && inFlight.length === 0) return info;
      }
    } finally {
      await Promise.allSettled(inFlight);
    }
  }

  private async commit(): Promise<void> {
    const info = await this.service.ask("commit");
    if (info.result === RESULT.ok) return;
    // The answer to a first commit may have been lost.
    const known = info.slots.find(({ hash }) => hash === this.hash);
    if (info.result === RESULT.noTransfer && known !== undefined) return;
    throw refused(info, this.where);
  }

  private async waitUntilKept(): Promise<void> {
    let runs = false;
    let info = await this.service.ask("info");
    for (const deadline = performance.now() + info.healthMs + GRACE_MS; ; await sleep(LOOK_AGAIN_MS)) {
      const slot = info.slots.find(({ hash }) => hash === this.hash);
      if (!runs && slot !== undefined && slot.state >= SLOT.trial) {
        runs = true;
        this.progress.onRunning?.(info.healthMs);
      }
      if (this.isKept(info)) return;
      if (slot === undefined || slot.state === SLOT.failed) throw this.rolledBack(info);
      if (performance.now() > deadline) break;
      info = await this.service.ask("info").catch((error: unknown) => {
        if (!isLost(error) || performance.now() > deadline) throw error;
        return info;
      });
    }
    throw new RosehipError("DEPLOY_NO_ANSWER", "the board does not say whether it keeps the new app", {
      where: this.where,
      remedy: "See its log.",
    });
  }

  private rolledBack(info: BoardInfo): RosehipError {
    const why = info.message === "" ? "the board restarted during the trial" : info.message;
    return new RosehipError("DEPLOY_ROLLED_BACK", `the new app was rolled back: ${why}`, {
      where: this.where,
      remedy: "The app before it runs again. Mend the new one and deploy it.",
    });
  }
}
