import { LIMITS } from "../../limits.js";
import { encodeHeader } from "../message/header.js";
import { isReliable, STREAM_BEST_EFFORT, STREAM_RELIABLE } from "../message/protocol.js";
import type { Client } from "./client.js";
import { FragmentAssembly } from "./fragment-assembly.js";
import { ReliableInputStream } from "./reliable-input-stream.js";
import { ReliableOutputStream } from "./reliable-output-stream.js";
import { addSequence, sequenceDistance } from "./sequence-number.js";

/** The streams of one session, made when first used (DDS-XRCE 1.0, 8.3.2.2), at most a few of each sort. */
export class ClientStreams {
  private readonly inputs = new Map<number, ReliableInputStream>();
  private readonly assemblies = new Map<number, FragmentAssembly>();
  private readonly outputs = new Map<number, ReliableOutputStream>();
  /** Last sequence number that came on each best-effort stream. */
  private readonly bestEffortIn = new Map<number, number>();
  /** Next sequence number of each best-effort stream. */
  private readonly bestEffortOut = new Map<number, number>();

  constructor(private readonly client: Client) {}

  /** @returns undefined if the client has too many streams already; so below */
  reliableInput(id: number): ReliableInputStream | undefined {
    return obtain(this.inputs, id, () => new ReliableInputStream(id));
  }

  allReliableInputs(): Iterable<ReliableInputStream> {
    return this.inputs.values();
  }

  assembly(id: number): FragmentAssembly | undefined {
    return obtain(this.assemblies, id, () => new FragmentAssembly());
  }

  reliableOutput(id: number): ReliableOutputStream | undefined {
    return obtain(this.outputs, id, () => this.newOutput(id));
  }

  /** Whether a best-effort message is newer than all before it on its stream. */
  acceptBestEffort(id: number, sequenceNumber: number): boolean {
    const last = this.bestEffortIn.get(id);
    if (last !== undefined && sequenceDistance(sequenceNumber, last) <= 0) return false;
    if (last === undefined && this.bestEffortIn.size >= LIMITS.streamsPerClient) return false;
    this.bestEffortIn.set(id, sequenceNumber);
    return true;
  }

  /**
   * Writes the answer to a request: on the first reliable stream if the request came on any reliable one, else on the
   * first best-effort stream, as the Micro XRCE-DDS Agent does.
   * @returns false if it is lost because too much waits
   */
  writeReply(requestStream: number, submessage: Uint8Array): boolean {
    if (isReliable(requestStream)) return this.reliableOutput(STREAM_RELIABLE)?.write(submessage) ?? false;
    this.client.sendUnreliable(STREAM_BEST_EFFORT, this.nextBestEffort(STREAM_BEST_EFFORT), submessage);
    return true;
  }

  /** Sends a message laid out with room for its header on a best-effort stream. A stream id of 0 means the first. */
  launchBestEffort(id: number, message: Uint8Array): void {
    const { client } = this;
    const stream = id === 0 ? STREAM_BEST_EFFORT : id;
    encodeHeader(message, client.sessionId, stream, this.nextBestEffort(stream), client.clientKey);
    client.send(message);
  }

  /** Has the client acknowledge each reliable stream, as a sign of life. */
  probe(): void {
    for (const output of this.outputs.values()) output.probe();
  }

  reset(): void {
    for (const input of this.inputs.values()) input.reset();
    for (const assembly of this.assemblies.values()) assembly.reset();
    for (const output of this.outputs.values()) output.reset();
    this.bestEffortIn.clear();
    this.bestEffortOut.clear();
  }

  private nextBestEffort(id: number): number {
    const next = this.bestEffortOut.get(id) ?? 0;
    this.bestEffortOut.set(id, addSequence(next, 1));
    return next;
  }

  private newOutput(id: number): ReliableOutputStream {
    const { client } = this;
    return new ReliableOutputStream(id, {
      sessionId: client.sessionId,
      clientKey: client.clientKey,
      headerOctets: client.headerOctets,
      timers: client.timers,
      mtu: () => client.mtu,
      send: (message) => client.send(message),
      sendHeartbeat: (streamId, firstUnacked, last) =>
        client.sendControl({ kind: "heartbeat", firstUnacked, last, streamId }),
      onRoom: () => client.onRoom(),
      onStalled: () => client.die("it cannot hold the fragments of a sample: its input stream is too small"),
    });
  }
}

function obtain<T>(map: Map<number, T>, id: number, make: () => T): T | undefined {
  const known = map.get(id);
  if (known !== undefined || map.size >= LIMITS.streamsPerClient) return known;
  const made = make();
  map.set(id, made);
  return made;
}
