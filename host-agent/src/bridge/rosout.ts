import { CdrWriter } from "../cdr/writer.js";
import { LIMITS } from "../limits.js";
import type { Timer } from "../xrce/session/timers.js";
import type { BridgeContext } from "./bridge-context.js";
import { LOG_TYPE, ROSOUT_TOPIC } from "./device-log.js";
import type { NetworkNode, NetworkWriter, Qos } from "./network.js";

export const ROSOUT_LIFESPAN_MS = 10_000;

/** rcl's rosout_qos_profile_default. */
const ROSOUT_QOS: Qos = {
  reliability: "reliable",
  durability: "transient_local",
  history: { kind: "keep_last", depth: 1000 },
  lifespan: BigInt(ROSOUT_LIFESPAN_MS) * 1_000_000n,
};

/** Levels of rcl_interfaces/msg/Log. */
const LEVEL = { warn: 30, error: 40 } as const;
export type RosoutSeverity = keyof typeof LEVEL;

/**
 * What the agent says in a device's name on /rosout, each sentence once. It goes out by the device's own writer, so that the
 * graph shows one publisher, as with any node; for a device that makes none in time the agent makes one.
 */
export class Rosout {
  private deviceWriter: NetworkWriter | undefined;
  private ownWriter: NetworkWriter | undefined;
  private waiting: Uint8Array[] = [];
  private leaving = false;
  private readonly said = new Set<string>();
  private readonly patience: Timer;

  constructor(
    private readonly node: NetworkNode,
    private readonly context: BridgeContext,
  ) {
    this.patience = context.timers.create(() => this.createWriter());
  }

  say(severity: RosoutSeverity, message: string): void {
    if (this.said.has(message) || this.said.size >= LIMITS.rosoutSentences) return;
    this.said.add(message);
    const line = encodeLog(this.context.wallNs(), LEVEL[severity], this.loggerName, message);
    const writer = this.leaving ? undefined : (this.deviceWriter ?? this.ownWriter);
    if (writer !== undefined) {
      writer.write(line);
      return;
    }
    this.waiting.push(line);
    if (!this.leaving && !this.patience.scheduled) this.patience.schedule(LIMITS.rosoutWaitMs);
  }

  /** The device made its writer of /rosout, or closed it. */
  useWriter(writer: NetworkWriter | undefined): void {
    this.deviceWriter = writer;
    if (writer !== undefined) this.flush(writer);
  }

  /** The node goes. What a writer is given now, a reader may hear of after it has forgotten that writer. */
  leave(): void {
    this.leaving = true;
    this.patience.cancel();
  }

  /** @returns what has not been said */
  close(): readonly Uint8Array[] {
    this.patience.cancel();
    this.ownWriter?.close();
    return this.waiting;
  }

  /** As rcl names a node's logger: `ns.name`. */
  private get loggerName(): string {
    const { name, namespace } = this.node;
    return namespace === "/" ? name : `${namespace.slice(1).replaceAll("/", ".")}.${name}`;
  }

  private createWriter(): void {
    this.ownWriter = createRosoutWriter(this.node, this.context);
    this.flush(this.ownWriter);
  }

  private flush(writer: NetworkWriter): void {
    this.patience.cancel();
    for (const line of this.waiting) writer.write(line);
    this.waiting = [];
  }
}

/** A writer of /rosout such as rcl makes. */
export function createRosoutWriter(node: NetworkNode, context: BridgeContext): NetworkWriter {
  const typeHash = context.lookupTypeHash(LOG_TYPE);
  const description = { topic: ROSOUT_TOPIC, type: LOG_TYPE, qos: ROSOUT_QOS };
  return node.createWriter(typeHash === undefined ? description : { ...description, typeHash }, {});
}

/** rcl_interfaces/msg/Log, without a place in the source. */
export function encodeLog(wallNs: bigint, level: number, name: string, message: string): Uint8Array {
  const out = new CdrWriter();
  out.i32(Number(wallNs / 1_000_000_000n));
  out.u32(Number(wallNs % 1_000_000_000n));
  out.u8(level);
  out.string(name);
  out.string(message);
  out.string("");
  out.string("");
  out.u32(0);
  return out.copy();
}
