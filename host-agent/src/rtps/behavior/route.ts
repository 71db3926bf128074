import { CdrWriter } from "../../cdr/writer.js";
import { encodeMessageHeader, MESSAGE_HEADER_OCTETS } from "../messages/header.js";
import { encodeInfoDestination } from "../messages/info-destination.js";
import { encodeInfoTimestamp } from "../messages/info-timestamp.js";
import { type GuidPrefix, prefixToBytes } from "../structure/guid.js";
import type { Locator } from "../structure/locator.js";
import type { Task } from "./scheduler.js";

/** Sends one datagram, given in parts, to each locator. Takes the parts over: nobody writes to them afterwards. */
export type SendDatagram = (parts: readonly Uint8Array[], route: RouteTarget) => void;

export interface RouteTarget {
  readonly prefix: GuidPrefix;
  readonly locators: readonly Locator[];
}

/** What the participant does for its routes. */
export interface RouteHost {
  readonly prefixBytes: Uint8Array;
  send: SendDatagram;
  /** Calls `flush` of the route when the current event has been handled. */
  flushSoon(route: Route): void;
  /** A task on the participant's scheduler. */
  task(run: () => void): Task;
}

/** Payloads from this size on are not copied into the datagram but sent from where they lie. */
const COPY_BELOW = 1024;
/** Room for the message header, INFO_DST, INFO_TS, a DATA_FRAG head with inline QoS and a HEARTBEAT. */
const OVERHEAD = 256;
/** Octets of large samples sent to one participant before its receive buffer is given time to drain. */
const BURST_OCTETS = 120 * 1024;
const BURST_PAUSE_MS = 1;
/** How long a confirmation waits for a datagram to travel with; as Fast DDS's heartbeatResponseDelay. */
const LINGER_MS = 5;

const ZEROS = new Uint8Array(4);

/**
 * The way to one participant at one set of locators. Submessages for it are gathered into one datagram until
 * the current event has been handled or the datagram is full, so that DATA and HEARTBEAT, or the ACKNACKs of
 * many readers, travel together.
 */
export class Route implements RouteTarget {
  private readonly head = new CdrWriter(true, 512);
  private parts: Uint8Array[] = [];
  private partOctets = 0;
  private timestamp = Number.NaN;
  private readonly destination: Uint8Array;
  /** Run just before the datagram leaves: writers add their HEARTBEAT here. */
  private readonly beforeFlush = new Set<() => void>();
  private burst = 0;
  /** Who waits for the next burst, in order, and whose turn it is while {@link resume} runs. */
  private readonly waiting = new Set<() => void>();
  private turn: (() => void) | undefined;
  private readonly pause: Task;
  private readonly lingering: Task;
  private scheduled = false;
  private users = 0;

  /**
   * @param locators where the participant is; what is pending when they change goes to the new ones
   * @param datagramOctets what one datagram may hold; samples above it are sent as fragments of `fragmentSize`
   */
  constructor(
    private readonly host: RouteHost,
    readonly prefix: GuidPrefix,
    public locators: readonly Locator[],
    readonly datagramOctets: number,
  ) {
    this.destination = prefixToBytes(prefix);
    this.pause = host.task(() => this.resume());
    // A message header alone makes the next flush run what waits for it.
    this.lingering = host.task(() => this.beforeFlush.size > 0 && this.begin(0));
  }

  /** Somebody sends by this route from now on, until {@link release}. */
  retain(): void {
    this.users++;
  }

  release(): void {
    this.users--;
  }

  /** Nobody sends by this route, and nothing is pending. */
  get idle(): boolean {
    return this.users === 0 && this.size === 0;
  }

  /** Octets in each fragment but the last; a multiple of 4 as long as it is the same for every sample. */
  get fragmentSize(): number {
    return (this.datagramOctets - OVERHEAD) & ~3;
  }

  /**
   * Makes room for a submessage and gives the cursor to write it to.
   * @param octets upper bound of what the submessage takes in the datagram
   */
  begin(octets: number): CdrWriter {
    if (this.size > 0 && this.size + octets > this.datagramOctets) this.flush();
    if (this.size === 0) {
      encodeMessageHeader(this.head, this.host.prefixBytes);
      encodeInfoDestination(this.head, this.destination);
    }
    if (!this.scheduled) {
      this.scheduled = true;
      this.host.flushSoon(this);
    }
    return this.head;
  }

  /** Writes INFO_TS unless the datagram's current timestamp is this one already. */
  stamp(epochMs: number): void {
    if (this.timestamp === epochMs) return;
    this.timestamp = epochMs;
    encodeInfoTimestamp(this.head, epochMs);
  }

  /** True if a payload of this size is to be given to {@link append} instead of being written to the cursor. */
  static lies(octets: number): boolean {
    return octets >= COPY_BELOW;
  }

  /** Adds octets by reference, padded to 4, after what the cursor has written. */
  append(octets: Uint8Array): void {
    this.cut();
    this.parts.push(octets);
    const padding = -octets.length & 3;
    if (padding > 0) this.parts.push(ZEROS.subarray(0, padding));
    this.partOctets += octets.length + padding;
  }

  /** `run` is called once, before the pending datagram leaves. */
  onFlush(run: () => void): void {
    this.beforeFlush.add(run);
  }

  /** As {@link onFlush}, with the next datagram or, if there is none in the next milliseconds, one of its own. */
  onFlushSoon(run: () => void): void {
    this.beforeFlush.add(run);
    this.lingering.within(LINGER_MS);
  }

  /** Sends what is pending. */
  flush(): void {
    this.scheduled = false;
    if (this.size <= MESSAGE_HEADER_OCTETS) return;
    const hooks = [...this.beforeFlush];
    this.beforeFlush.clear();
    this.lingering.cancel();
    for (const hook of hooks) hook();
    this.cut();
    const parts = this.parts;
    this.parts = [];
    this.partOctets = 0;
    this.timestamp = Number.NaN;
    this.host.send(parts, this);
  }

  /**
   * Asks to send one more fragment of a large sample.
   * @returns false if the burst is used up: `resume` is called when there is room again
   */
  admit(octets: number, resume: () => void): boolean {
    const outOfTurn = this.waiting.size > 0 && this.turn !== resume;
    if (outOfTurn || (this.burst > 0 && this.burst + octets > BURST_OCTETS)) {
      this.waiting.add(resume);
      return false;
    }
    this.burst += octets;
    this.pause.within(BURST_PAUSE_MS);
    return true;
  }

  /** Forgets what is pending. */
  close(): void {
    this.pause.cancel();
    this.lingering.cancel();
    this.waiting.clear();
    this.beforeFlush.clear();
    this.head.reset();
    this.parts = [];
    this.partOctets = 0;
  }

  private get size(): number {
    return this.head.offset + this.partOctets;
  }

  private cut(): void {
    if (this.head.offset === 0) return;
    // A copy: the socket may still hold it when the next datagram is written.
    this.parts.push(Buffer.from(this.head.bytes));
    this.partOctets += this.head.offset;
    this.head.reset();
  }

  private resume(): void {
    this.burst = 0;
    // Whoever uses the burst up queues again behind the others.
    for (const next of [...this.waiting]) {
      this.waiting.delete(next);
      this.turn = next;
      next();
      this.turn = undefined;
      if (this.waiting.has(next)) return;
    }
  }
}
