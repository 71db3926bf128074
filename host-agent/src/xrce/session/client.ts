import { LIMITS } from "../../limits.js";
import { type CreateClient, isRosehip } from "../message/create-client.js";
import { encodeHeader, headerOctets, type MessageHeader } from "../message/header.js";
import { OBJECTID_CLIENT } from "../message/object-id.js";
import { STREAM_NONE, STREAM_RELIABLE } from "../message/protocol.js";
import type { StatusReply } from "../message/status.js";
import { encodeSubmessage, type Submessage } from "../message/submessage.js";
import { splitSubmessages } from "../message/submessage-header.js";
import type { ObjectHost } from "../object/object-factory.js";
import { ObjectTable } from "../object/object-table.js";
import type { Peer } from "../transport/transport.js";
import { allowedSilenceMs, ClientLiveliness } from "./client-liveliness.js";
import { ClientStreams } from "./client-streams.js";
import { DataOutput } from "./data-output.js";
import { Introduction } from "./introduction.js";
import { MatchNotifier } from "./match-notifier.js";
import { MessageQueue } from "./message-queue.js";
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
  readonly data: DataOutput;
  private readonly queue: MessageQueue;
  private readonly liveliness: ClientLiveliness;
  private readonly matches = new MatchNotifier((status) => this.sendMatch(status));
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
    this.data = new DataOutput(this);
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
    this.data.close();
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

  /** For reports: the node an object belongs to, if it is there. */
  nodeOf(objectId: number): { readonly node?: string } {
    const node = this.objects.nodeName(objectId);
    return node === undefined ? {} : { node };
  }

  // What streams and writers report

  /** A reliable output stream has room again. */
  onRoom(): void {
    this.matches.retry();
    this.data.onRoom();
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
