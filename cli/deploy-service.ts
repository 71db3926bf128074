import type { Network } from "../host-agent/src/bridge/network.js";
import { RosehipError } from "../host-agent/src/errors.js";
import type { MessageValue } from "../toolchain/interface/codec.js";
import { projectRoot } from "../toolchain/project.js";
import { ServiceClient } from "./service-client.js";
import { serviceTypes } from "./service-types.js";

/** Constants of rosehip_interfaces/srv/Deploy and msg/AppSlot. */
export const COMMAND = { info: 0, begin: 1, write: 2, commit: 3, abort: 4 } as const;
export const RESULT = {
  ok: 0,
  busy: 1,
  noTransfer: 2,
  malformed: 3,
  tooLarge: 4,
  wrongAbi: 5,
  wrongOffset: 6,
  wrongHash: 7,
  invalid: 8,
  notSigned: 9,
  flashFailed: 10,
} as const;
export const SLOT = { empty: 0, pending: 1, failed: 2, trial: 3, confirmed: 4 } as const;

export interface Slot {
  readonly state: number;
  readonly size: number;
  /** SHA-256 in hexadecimal digits. */
  readonly hash: string;
}

/** What a board says of its apps: any answer of its service. */
export interface BoardInfo {
  readonly result: number;
  /** Index of a slot, or 254: the app linked into the firmware, 255: none. */
  readonly running: number;
  readonly abiVersion: number;
  readonly chunkSize: number;
  readonly healthMs: number;
  /** Octets of the largest app. */
  readonly capacity: number;
  readonly received: number;
  readonly slots: readonly Slot[];
  readonly message: string;
  /** Names of the app's nodes. */
  readonly nodes: readonly string[];
}

/** How long a board may take for one answer: an erase of a large flash block, and a line at 9600 baud. */
const ANSWER_MS = 4000;

function decode(value: MessageValue): BoardInfo {
  const number = (name: string) => Number(value[name]);
  const slots = value["slots"] as MessageValue[];
  return {
    result: number("result"),
    running: number("running"),
    abiVersion: number("abi_version"),
    chunkSize: number("chunk_size"),
    healthMs: number("health_ms"),
    capacity: number("capacity"),
    received: number("received"),
    slots: slots.map((slot) => ({
      state: Number(slot["state"]),
      size: Number(slot["size"]),
      hash: Buffer.from(slot["hash"] as number[]).toString("hex"),
    })),
    message: String(value["message"]),
    nodes: value["nodes"] as string[],
  };
}

export const serviceName = (key: string): string => `/_rosehip/_${key}/deploy`;

let clients = 0;

/** The client side of a board's deploy service. Calls may be repeated: what the board has, it takes again. */
export class DeployService {
  private readonly client: ServiceClient;

  /** @param key the board's client key, 8 hexadecimal digits */
  constructor(
    network: Network,
    readonly key: string,
  ) {
    const types = serviceTypes("rosehip_interfaces/srv/Deploy", projectRoot);
    this.client = new ServiceClient(
      network,
      `_rosehip_deploy_${process.pid}_${++clients}`,
      serviceName(key),
      types,
    );
  }

  /** @throws CALL_NO_SERVICE, CALL_CLOSED */
  waitForBoard(timeoutMs: number): Promise<void> {
    return this.client.waitForService(timeoutMs);
  }

  /** @throws DEPLOY_NO_ANSWER after two tries, CALL_CLOSED */
  async ask(command: keyof typeof COMMAND, fields: object = {}): Promise<BoardInfo> {
    const request = { command: COMMAND[command], ...fields };
    for (let attempt = 1; ; attempt++) {
      try {
        return decode(await this.client.call(request, ANSWER_MS));
      } catch (cause) {
        if (!(cause instanceof RosehipError) || cause.code !== "CALL_TIMEOUT") throw cause;
        if (attempt === 2) throw noAnswer(this.key, cause);
      }
    }
  }

  close(): void {
    this.client.close();
  }
}

function noAnswer(key: string, cause: RosehipError): RosehipError {
  return new RosehipError("DEPLOY_NO_ANSWER", "the board does not answer any more", {
    where: `board ${key}`,
    remedy:
      "It runs the app it had, or the new one once it is back. See that it is connected, and deploy again.",
    cause,
  });
}
