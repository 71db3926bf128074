import { MAX_READER_CACHE_SAMPLES } from "../limits.js";
import { encodeAckNack } from "../messages/acknack.js";
import { encodeNackFrag } from "../messages/nack-frag.js";
import type { EntityId, Guid } from "../structure/guid.js";
import type { NumberSet } from "../structure/number-set.js";
import type { SequenceNumber } from "../structure/sequence-number.js";
import { VENDOR_EPROSIMA, vendorOf } from "../structure/vendor-id.js";
import type { Route } from "./route.js";

/** Upper bounds of the submessages, for Route.begin. */
const ACKNACK_OCTETS = 64;
const NACK_FRAG_OCTETS = 68;
/** What was asked for less long ago is taken to be on its way. */
export const REPAIR_MS = 5;
/** A writer is left waiting for a confirmation only of a few small samples: it may be short of room. */
const LAZY_OCTETS = 8 * 1024;
/** What each sample counts for besides its payload. */
const LAZY_SAMPLE_OCTETS = 512;
/** So much progress of a consumer that goes on refusing is worth telling the writer. */
const OVERDUE_SAMPLES = MAX_READER_CACHE_SAMPLES / 4;

/** What a reader tells one writer: what it has got, and what it wants again (DDSI-RTPS 2.5, 8.4.12.2, 8.4.14.2). */
export class Acknowledgement {
  private ackNackCount = 0;
  private nackFragCount = 0;
  /** When each of the changes that were missing last time was asked for. */
  private asked: ReadonlyMap<SequenceNumber, number> = new Map();
  /** The base of the last ACKNACK, and what has been delivered since. */
  private confirmedBelow: SequenceNumber = 1;
  private unconfirmedOctets = 0;
  private closed = false;

  /** @param expected the lowest sequence number that has not been delivered */
  constructor(
    private readonly writer: Guid,
    private readonly readerId: EntityId,
    private readonly route: Route,
    private readonly expected: () => SequenceNumber,
  ) {
    route.retain();
  }

  /**
   * Asks the writer for a HEARTBEAT before anything is known of it (a "preemptive" ACKNACK, 8.4.2.3.4). Fast DDS
   * answers base 0 at once and base 1 up to 3 s later; for others 0 is invalid (8.3.8.1.3).
   */
  greet(): void {
    this.sendAckNack(vendorOf(this.writer.prefix) === VENDOR_EPROSIMA ? 0 : 1, [], false);
  }

  /** A change has been delivered. */
  delivered(octets: number): void {
    this.unconfirmedOctets += LAZY_SAMPLE_OCTETS + octets;
  }

  /** The writer does not know of a good part of what has been delivered. */
  get overdue(): boolean {
    return this.expected() - this.confirmedBelow >= OVERDUE_SAMPLES;
  }

  /** Confirms what has been delivered, along with other traffic if the writer can wait that long. */
  confirm(): void {
    if (this.unconfirmedOctets < LAZY_OCTETS) this.route.onFlushSoon(this.confirmNow);
    else this.confirmNow();
  }

  /**
   * Confirms what has been delivered and asks for those of `missing` that are not on their way.
   * @param now the clock's milliseconds
   * @returns true if all of them are asked for
   */
  request(missing: readonly SequenceNumber[], now: number): boolean {
    const asked = new Map<SequenceNumber, number>();
    for (const member of missing) {
      const before = this.asked.get(member);
      asked.set(member, before !== undefined && now - before < REPAIR_MS ? before : now);
    }
    const members = missing.filter((member) => asked.get(member) !== this.asked.get(member));
    this.asked = asked;
    this.sendAckNack(this.expected(), members, true);
    return members.length === missing.length;
  }

  requestFragments(sequenceNumber: SequenceNumber, missing: NumberSet): void {
    encodeNackFrag(this.route.begin(NACK_FRAG_OCTETS), {
      kind: "nackFrag",
      readerId: this.readerId,
      writerId: this.writer.entityId,
      sequenceNumber,
      missing,
      count: ++this.nackFragCount,
    });
  }

  close(): void {
    if (!this.closed) this.route.release();
    this.closed = true;
  }

  private readonly confirmNow = (): void => {
    if (!this.closed) this.sendAckNack(this.expected(), [], true);
  };

  private sendAckNack(base: SequenceNumber, members: readonly SequenceNumber[], final: boolean): void {
    this.confirmedBelow = base;
    this.unconfirmedOctets = 0;
    encodeAckNack(this.route.begin(ACKNACK_OCTETS), {
      kind: "acknack",
      readerId: this.readerId,
      writerId: this.writer.entityId,
      state: { base, members },
      count: ++this.ackNackCount,
      final,
    });
  }
}
