import { decodeMessage, encodeMessage } from "../../../../host-agent/src/xrce/message/message.js";
import { SESSION_NONE, STREAM_RELIABLE } from "../../../../host-agent/src/xrce/message/protocol.js";
import {
  decodeSubmessage,
  encodeSubmessage,
  type Submessage,
} from "../../../../host-agent/src/xrce/message/submessage.js";
import { readReassembled } from "../../../../host-agent/src/xrce/message/submessage-header.js";
import type { Peer } from "../../../../host-agent/src/xrce/transport/transport.js";
import { type Harness, settle } from "./harness.js";

export interface TestClientOptions {
  readonly key?: number;
  readonly sessionId?: number;
  readonly mtu?: number;
  readonly peerKey?: string;
  readonly properties?: readonly { readonly name: string; readonly value: string }[];
  /** How often each message arrives at its other end: 0 loses it, 2 doubles it. Default 1. */
  readonly copies?: (direction: "up" | "down") => number;
  /** Messages each way that may be held back and overtaken. */
  readonly reorder?: () => boolean;
}

/**
 * A DDS-XRCE client for tests, written apart from the agent's own streams: one reliable stream each way, and a link that may
 * lose, double and reorder.
 */
export class TestClient {
  /** Everything the agent sent, as decoded messages. */
  readonly heard: ReturnType<typeof decodeMessage>[] = [];
  /** What came on reliable streams, in order, once each; fragments put together. */
  readonly received: Submessage[] = [];
  /** Octets of each message that arrived, for MTU checks. */
  readonly sizes: number[] = [];
  mute = false;
  readonly peer: Peer;
  private nextRequest = 10;
  private nextOut = 0;
  private readonly unacknowledged = new Map<number, Uint8Array>();
  private expected = 0;
  private readonly early = new Map<number, readonly Submessage[]>();
  private fragments: Uint8Array[] = [];
  private bestEffort = 0;
  private held: (() => void) | undefined;

  constructor(
    private readonly harness: Harness,
    readonly options: TestClientOptions = {},
  ) {
    this.peer = harness.transport.peer(options.peerKey ?? `memory:${this.key}`, (message) =>
      this.link("down", () => this.onMessage(message)),
    );
  }

  get key(): number {
    return this.options.key ?? 0x11223344;
  }

  get sessionId(): number {
    return this.options.sessionId ?? 0x81;
  }

  /** Opens the session and starts the streams anew. */
  async connect(
    change: { readonly mtu?: number; readonly major?: number; readonly cookie?: number } = {},
  ): Promise<void> {
    this.resetStreams();
    const { properties } = this.options;
    this.sendRaw(
      encodeMessage({ sessionId: SESSION_NONE, streamId: 0, sequenceNumber: 0 }, [
        {
          kind: "create_client",
          cookie: change.cookie ?? 0x58524345,
          versionMajor: change.major ?? 1,
          versionMinor: 0,
          vendor: 0x010f,
          clientKey: this.key,
          sessionId: this.sessionId,
          ...(properties === undefined ? {} : { properties }),
          mtu: change.mtu ?? this.options.mtu ?? 508,
        },
      ]),
    );
    await settle();
  }

  resetStreams(): void {
    this.nextOut = 0;
    this.expected = 0;
    this.unacknowledged.clear();
    this.early.clear();
    this.fragments = [];
    this.bestEffort = 0;
  }

  newRequestId(): number {
    return this.nextRequest++;
  }

  /** Sends submessages in one message on the reliable stream. */
  send(...submessages: Submessage[]): void {
    const sequenceNumber = this.nextOut++ & 0xffff;
    const message = this.encode(STREAM_RELIABLE, sequenceNumber, submessages);
    this.unacknowledged.set(sequenceNumber, message);
    this.sendRaw(message);
  }

  /** Sends one submessage in fragments of that many octets. */
  sendFragments(submessage: Submessage, octets: number): void {
    const whole = encodeSubmessage(submessage);
    for (let at = 0; at < whole.byteLength; at += octets) {
      const piece = whole.subarray(at, at + octets);
      this.send({ kind: "fragment", last: at + octets >= whole.byteLength, piece });
    }
  }

  sendBestEffort(...submessages: Submessage[]): void {
    this.sendRaw(this.encode(0x01, this.bestEffort++ & 0xffff, submessages));
  }

  sendControl(...submessages: Submessage[]): void {
    this.sendRaw(this.encode(0, 0, submessages));
  }

  sendRaw(message: Uint8Array): void {
    this.link("up", () => this.harness.transport.inject(this.peer, message));
  }

  /** What a client does every 100 ms while something is unacknowledged. */
  heartbeat(): void {
    this.releaseHeld();
    const [first] = this.unacknowledged.keys();
    if (first === undefined) return;
    const last = (this.nextOut - 1) & 0xffff;
    this.sendControl({ kind: "heartbeat", firstUnacked: first, last, streamId: STREAM_RELIABLE });
  }

  get allAcknowledged(): boolean {
    return this.unacknowledged.size === 0;
  }

  /** Statuses by request id. */
  status(requestId: number): number | undefined {
    const found = this.statuses().find((one) => one.requestId === requestId);
    return found?.status;
  }

  statuses() {
    return this.heard.flatMap(({ submessages }) => submessages).filter((one) => one.kind === "status");
  }

  all<K extends Submessage["kind"]>(kind: K): Extract<Submessage, { kind: K }>[] {
    return this.heard
      .flatMap(({ submessages }) => submessages)
      .filter((one): one is Extract<Submessage, { kind: K }> => one.kind === kind);
  }

  private encode(streamId: number, sequenceNumber: number, submessages: readonly Submessage[]): Uint8Array {
    const { sessionId } = this;
    return encodeMessage({ sessionId, streamId, sequenceNumber, clientKey: this.key }, submessages);
  }

  private link(direction: "up" | "down", pass: () => void): void {
    const copies = this.options.copies?.(direction) ?? 1;
    if (this.options.reorder?.() === true && this.held === undefined) {
      this.held = pass;
      return;
    }
    for (let i = 0; i < copies; i++) pass();
    this.releaseHeld();
  }

  private releaseHeld(): void {
    const { held } = this;
    this.held = undefined;
    held?.();
  }

  private onMessage(octets: Uint8Array): void {
    const message = decodeMessage(octets);
    this.heard.push(message);
    this.sizes.push(octets.byteLength);
    if (this.mute) return;
    const { streamId, sequenceNumber } = message.header;
    if (streamId < STREAM_RELIABLE) {
      for (const one of message.submessages) this.onControl(one);
      return;
    }
    if (((sequenceNumber - this.expected) << 16) >> 16 >= 0)
      this.early.set(sequenceNumber, message.submessages);
    for (let next = this.early.get(this.expected); next !== undefined; next = this.early.get(this.expected)) {
      this.early.delete(this.expected);
      this.expected = (this.expected + 1) & 0xffff;
      for (const one of next) this.take(one);
    }
    this.acknowledge(sequenceNumber);
  }

  private take(one: Submessage): void {
    if (one.kind !== "fragment") {
      this.received.push(one);
      return;
    }
    this.fragments.push(new Uint8Array(one.piece));
    if (!one.last) return;
    const whole = decodeSubmessage(readReassembled(Buffer.concat(this.fragments)));
    this.fragments = [];
    if (whole !== undefined) this.received.push(whole);
  }

  private onControl(one: Submessage): void {
    if (one.kind === "heartbeat") this.acknowledge(one.last);
    if (one.kind !== "acknack") return;
    for (const sequenceNumber of [...this.unacknowledged.keys()]) {
      if (((sequenceNumber - one.firstUnacked) << 16) >> 16 < 0) this.unacknowledged.delete(sequenceNumber);
    }
    for (let i = 0; i < 16; i++) {
      const lost = this.unacknowledged.get((one.firstUnacked + i) & 0xffff);
      if (((one.missing >> i) & 1) === 1 && lost !== undefined) this.sendRaw(lost);
    }
  }

  private acknowledge(newest: number): void {
    let missing = 0;
    for (let i = 0; i < 16; i++) {
      const sequenceNumber = (this.expected + i) & 0xffff;
      if (((newest - sequenceNumber) << 16) >> 16 < 0) break;
      if (!this.early.has(sequenceNumber)) missing |= 1 << i;
    }
    this.sendControl({ kind: "acknack", firstUnacked: this.expected, missing, streamId: STREAM_RELIABLE });
  }
}
