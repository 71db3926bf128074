import { LIMITS } from "../../limits.js";
import { OBJECT_REQUEST_OCTETS } from "../message/base.js";
import type { CreateClient } from "../message/create-client.js";
import { encodeHeader, headerOctets, type MessageHeader } from "../message/header.js";
import { OBJECTID_CLIENT } from "../message/object-id.js";
import {
  FLAG_LITTLE_ENDIAN,
  isReliable,
  STREAM_NONE,
  STREAM_RELIABLE,
  SubmessageId,
} from "../message/protocol.js";
import type { StatusReply } from "../message/status.js";
import { encodeSubmessage, type Submessage } from "../message/submessage.js";
import {
  encodeSubmessageHeader,
  SUBMESSAGE_HEADER_OCTETS,
  splitSubmessages,
} from "../message/submessage-header.js";
import type { ReadableObject } from "../object/object.js";
import type { ObjectHost } from "../object/object-factory.js";
import { ObjectTable } from "../object/object-table.js";
import type { Peer } from "../transport/transport.js";
import { ClientLiveliness } from "./client-liveliness.js";
import { ClientStreams } from "./client-streams.js";
import { Introduction } from "./introduction.js";
import { MatchNotifier } from "./match-notifier.js";
import { MessageQueue } from "./message-queue.js";
import type { ReliableOutputStream } from "./reliable-output-stream.js";
import type { SessionContext } from "./session-context.js";

/**
 * One session with one client: its streams, its objects and where it can be reached (DDS-XRCE 1.0, 7.8.3 ProxyClient
 * and 8.4). Lives from CREATE_CLIENT until it is deleted, replaced or found dead.
 */
export class Client implements ObjectHost {
  readonly clientKey: number;
  readonly sessionId: number;
  readonly objects: ObjectTable;
  readonly streams: ClientStreams;
  readonly introduction: Introduction;
  private readonly queue: MessageQueue;
  private readonly liveliness: ClientLiveliness;
  private readonly matches = new MatchNotifier((status) => this.sendMatch(status));
  private readonly waitingReaders = new Set<ReadableObject>();
  private mtuOctets: number;
  /** Runs our firmware: see {@link MatchNotifier}. */
  rosehip: boolean;
  private closed = false;
  /** Acknowledged something, ever: answers HEARTBEATs. */
  askable = false;

  /** @param onDead the client is to be removed */
  constructor(
    create: CreateClient,
    public peer: Peer,
    readonly context: SessionContext,
    private readonly onDead: (client: Client, reason: string) => void,
  ) {
    this.clientKey = create.clientKey;
    this.sessionId = create.sessionId;
    this.mtuOctets = Math.min(create.mtu, peer.maxMessageOctets);
    this.rosehip = isRosehip(create);
    this.objects = new ObjectTable(this);
    this.streams = new ClientStreams(this);
    this.introduction = new Introduction(context.timers, context.report);
    this.queue = new MessageQueue(this);
    this.liveliness = new ClientLiveliness(
      {
        timers: context.timers,
        isAskable: () => this.askable,
        probe: () => this.probe(),
        onDead: (reason) => this.die(reason),
      },
      allowedSilenceMs(create, context.leaseMs),
    );
  }

  get peerKey() {
    return this.peer.key;
  }
  get timers() {
    return this.context.timers;
  }
  get dataSpace() {
    return this.context.dataSpace;
  }
  get references() {
    return this.context.references;
  }
  get domainOverride() {
    return this.context.domainOverride;
  }
  get headerOctets() {
    return headerOctets(this.sessionId);
  }
  /** Largest message to the client. */
  get mtu() {
    return this.mtuOctets;
  }

  /** A message of this session, header decoded. `message` is borrowed. */
  receive(header: MessageHeader, message: Uint8Array): void {
    this.liveliness.heard();
    if (header.streamId === STREAM_NONE) {
      for (const raw of splitSubmessages(message, this.headerOctets)) this.queue.handleControl(raw);
      return;
    }
    this.introduction.make();
    this.queue.receive(header, message);
  }

  /** CREATE_CLIENT came again with the same session id: streams start anew, objects stay. */
  resume(create: CreateClient, peer: Peer): void {
    this.peer = peer;
    this.mtuOctets = Math.min(create.mtu, peer.maxMessageOctets);
    this.rosehip = isRosehip(create);
    this.resetStreams();
    this.liveliness.restart(allowedSilenceMs(create, this.context.leaseMs));
  }

  resetStreams(): void {
    this.streams.reset();
    this.queue.reset();
    this.onRoom();
    this.matches.again();
  }

  connectionLost(reason: string): void {
    this.liveliness.connectionLost(reason);
  }

  /** Frees everything on both sides. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.introduction.cancel();
    this.liveliness.stop();
    this.queue.reset();
    this.streams.reset();
    this.waitingReaders.clear();
    this.objects.close();
  }

  die(reason: string): void {
    if (!this.closed) this.onDead(this, reason);
  }

  // Sending

  /** Sends a submessage at once on stream 0, where nothing is repeated. */
  sendControl(submessage: Submessage): void {
    this.sendUnreliable(STREAM_NONE, 0, encodeSubmessage(submessage));
  }

  /** Answers a request on the stream that matches the one it came on. */
  sendReply(streamId: number, submessage: Submessage): void {
    if (streamId === STREAM_NONE) {
      this.sendControl(submessage);
      return;
    }
    if (this.streams.writeReply(streamId, encodeSubmessage(submessage))) return;
    this.context.report({
      type: "request_failed",
      clientKey: this.clientKey,
      objectId: OBJECTID_CLIENT,
      request: submessage.kind.toUpperCase(),
      status: 0,
      reason: `more than ${LIMITS.pendingSubmessages} answers wait: the client does not acknowledge`,
    });
  }

  sendUnreliable(streamId: number, sequenceNumber: number, submessage: Uint8Array): void {
    const lead = this.headerOctets;
    const message = Buffer.allocUnsafe(lead + submessage.byteLength);
    encodeHeader(message, this.sessionId, streamId, sequenceNumber, this.clientKey);
    message.set(submessage, lead);
    this.send(message);
  }

  send(message: Uint8Array): void {
    if (!this.peer.send(message)) this.context.statistics.droppedByTransport++;
  }

  sendData(reader: ReadableObject, prefix: Uint8Array, payload: Uint8Array, littleEndian: boolean): boolean {
    const { stream } = reader.delivery;
    const reliable = isReliable(stream);
    const output = reliable ? this.streams.reliableOutput(stream) : undefined;
    const body = OBJECT_REQUEST_OCTETS + prefix.byteLength + payload.byteLength;
    const octets = SUBMESSAGE_HEADER_OCTETS + body;
    // The Micro XRCE-DDS Client delivers only the first DATA of a message.
    const packed = this.rosehip ? output?.pack(octets) : undefined;
    if (packed !== undefined) {
      encodeData(packed, 0, reader, prefix, payload, littleEndian);
      return true;
    }
    if (reliable && output?.hasRoom !== true) {
      this.waitingReaders.add(reader);
      return false;
    }
    const fits = this.headerOctets + octets <= this.mtuOctets;
    if (octets > LIMITS.sampleOctets || (!reliable && !fits))
      return this.dropSample(reader, octets, reliable);
    const lead = fits ? this.headerOctets : 0;
    const target = Buffer.allocUnsafe(lead + octets);
    encodeData(target, lead, reader, prefix, payload, littleEndian);
    this.sendSample(output, stream, target, fits);
    return true;
  }

  private sendSample(
    output: ReliableOutputStream | undefined,
    stream: number,
    target: Uint8Array,
    fits: boolean,
  ): void {
    if (output === undefined) this.streams.launchBestEffort(stream, target);
    else if (fits) output.launch(target, false);
    else output.write(target);
  }

  /** @returns true: the sample is taken, and thrown away */
  private dropSample(reader: ReadableObject, octets: number, reliable: boolean): true {
    const reason = reliable
      ? `a sample of ${octets} octets is over the limit of ${LIMITS.sampleOctets}`
      : `a sample of ${octets} octets is over the client's MTU of ${this.mtuOctets}: read it on a reliable stream`;
    const { clientKey } = this;
    const node = this.nodeOf(reader.id);
    this.context.report({ type: "sample_dropped", clientKey, objectId: reader.id, ...node, reason });
    return true;
  }

  /** For reports: the node an object belongs to, if it is there. */
  nodeOf(objectId: number): { readonly node?: string } {
    const node = this.objects.nodeName(objectId);
    return node === undefined ? {} : { node };
  }

  // What streams and writers report

  /** A reliable output stream has room again: each reader that waits has its turn, the longest waiting first. */
  onRoom(): void {
    this.matches.retry();
    const waiting = [...this.waitingReaders];
    this.waitingReaders.clear();
    for (const [index, reader] of waiting.entries()) {
      if (this.streams.reliableOutput(reader.delivery.stream)?.hasRoom === false) {
        const refused = [...this.waitingReaders];
        this.waitingReaders.clear();
        for (const one of [...waiting.slice(index), ...refused]) this.waitingReaders.add(one);
        return;
      }
      if (this.objects.has(reader.id)) reader.entity.resume();
    }
  }

  onWriterSpace(): void {
    this.queue.retry();
  }

  // What becomes of objects

  onMatch(objectId: number, count: number, mismatched: boolean): void {
    this.matches.changed(objectId, count, mismatched);
  }

  onCreated(objectId: number): void {
    this.matches.created(objectId);
  }

  onDeleted(objectId: number): void {
    this.matches.deleted(objectId);
  }

  private sendMatch(status: StatusReply): boolean {
    if (this.closed || !this.rosehip) return true;
    const output = this.streams.reliableOutput(STREAM_RELIABLE);
    return output?.hasRoom === true && output.write(encodeSubmessage(status));
  }

  private probe(): void {
    this.sendControl({ kind: "get_info", requestId: 0, objectId: OBJECTID_CLIENT, mask: 1 });
    this.streams.probe();
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

/** The time that the probes take after the silence. */
const PROBING_MS = LIMITS.hardLivelinessProbes * LIMITS.hardLivelinessIntervalMs;

const isRosehip = (create: CreateClient): boolean =>
  create.properties?.some(({ name, value }) => name === "rosehip" && value === "1") === true;

/**
 * How long the client may be silent before it is asked for a sign of life, undefined if nobody says: what is left of the lease
 * before the probes, or what the client wants by its property `uxr_hl`, in milliseconds as decimal digits.
 */
function allowedSilenceMs(create: CreateClient, leaseMs: number | undefined): number | undefined {
  if (leaseMs !== undefined) return Math.max(LIMITS.hardLivelinessMinimumMs, leaseMs - PROBING_MS);
  const value = create.properties?.find(({ name }) => name === "uxr_hl")?.value.trim();
  const wanted = value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : undefined;
  if (isRosehip(create)) return Math.min(wanted ?? LIMITS.rosehipSilenceMs, LIMITS.rosehipSilenceMs);
  return wanted === undefined ? undefined : Math.max(LIMITS.hardLivelinessMinimumMs, wanted);
}
