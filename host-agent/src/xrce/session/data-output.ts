import { LIMITS } from "../../limits.js";
import { OBJECT_REQUEST_OCTETS } from "../message/base.js";
import { FLAG_LITTLE_ENDIAN, isReliable, SubmessageId } from "../message/protocol.js";
import { encodeSubmessageHeader, SUBMESSAGE_HEADER_OCTETS } from "../message/submessage-header.js";
import type { ReadableObject } from "../object/object.js";
import type { DataSender } from "../object/object-factory.js";
import type { Client } from "./client.js";
import type { ReliableOutputStream } from "./reliable-output-stream.js";

/**
 * The samples that go to one client, as DATA (DDS-XRCE 1.0, 8.3.5.10) on the stream that each reader's READ_DATA prefers.
 *
 * A reader whose stream has no room waits, with its sample still on the network's side, until that stream has some; those
 * of one stream have their turns in the order in which they began to wait.
 */
export class DataOutput implements DataSender {
  private readonly waiting = new Set<ReadableObject>();

  constructor(private readonly client: Client) {}

  send(reader: ReadableObject, prefix: Uint8Array, payload: Uint8Array, littleEndian: boolean): boolean {
    const { client } = this;
    const { stream } = reader.delivery;
    const reliable = isReliable(stream);
    const output = reliable ? client.streams.reliableOutput(stream) : undefined;
    const body = OBJECT_REQUEST_OCTETS + prefix.byteLength + payload.byteLength;
    const octets = SUBMESSAGE_HEADER_OCTETS + body;
    // The Micro XRCE-DDS Client delivers only the first DATA of a message.
    const packed = client.rosehip ? output?.pack(octets) : undefined;
    if (packed !== undefined) {
      encodeData(packed, 0, reader, prefix, payload, littleEndian);
      return true;
    }
    if (reliable && output?.hasRoom !== true) {
      this.waiting.add(reader);
      return false;
    }
    const fits = client.headerOctets + octets <= client.mtu;
    if (octets > LIMITS.sampleOctets || (!reliable && !fits)) return this.drop(reader, octets, reliable);
    const lead = fits ? client.headerOctets : 0;
    const target = Buffer.allocUnsafe(lead + octets);
    encodeData(target, lead, reader, prefix, payload, littleEndian);
    this.launch(output, stream, target, fits);
    return true;
  }

  /** A reliable output stream has room again: each reader that waits for it has its turn, the longest waiting first. */
  onRoom(): void {
    const { streams, objects } = this.client;
    const turns = [...this.waiting];
    this.waiting.clear();
    const full: ReadableObject[] = [];
    for (const reader of turns) {
      if (streams.reliableOutput(reader.delivery.stream)?.hasRoom === false) full.push(reader);
      else if (objects.has(reader.id)) reader.entity.resume();
    }
    if (full.length === 0) return;
    // Whoever had a turn and used the room up waits behind those that had none.
    const refused = [...this.waiting];
    this.waiting.clear();
    for (const reader of [...full, ...refused]) this.waiting.add(reader);
  }

  close(): void {
    this.waiting.clear();
  }

  private launch(
    output: ReliableOutputStream | undefined,
    stream: number,
    target: Uint8Array,
    fits: boolean,
  ): void {
    if (output === undefined) this.client.streams.launchBestEffort(stream, target);
    else if (fits) output.launch(target, false);
    else output.write(target);
  }

  /** @returns true: the sample is taken, and thrown away */
  private drop(reader: ReadableObject, octets: number, reliable: boolean): true {
    const { client } = this;
    const reason = reliable
      ? `a sample of ${octets} octets is over the limit of ${LIMITS.sampleOctets}`
      : `a sample of ${octets} octets is over the client's MTU of ${client.mtu}: read it on a reliable stream`;
    const { clientKey } = client;
    const node = client.nodeOf(reader.id);
    client.context.report({ type: "sample_dropped", clientKey, objectId: reader.id, ...node, reason });
    return true;
  }
}

/** DATA (8.3.5.10) with its submessage header, at `start` of `target`. */
function encodeData(
  target: Uint8Array,
  start: number,
  { id, delivery }: ReadableObject,
  prefix: Uint8Array,
  payload: Uint8Array,
  littleEndian: boolean,
): void {
  const flags = littleEndian ? FLAG_LITTLE_ENDIAN : 0;
  const body = OBJECT_REQUEST_OCTETS + prefix.byteLength + payload.byteLength;
  encodeSubmessageHeader(target, start, SubmessageId.DATA, flags, body);
  let at = start + SUBMESSAGE_HEADER_OCTETS;
  for (const octet of [delivery.requestId >>> 8, delivery.requestId, id >>> 8, id]) target[at++] = octet;
  target.set(prefix, at);
  target.set(payload, at + prefix.byteLength);
}
