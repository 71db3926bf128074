import { CdrWriter } from "../../cdr/writer.js";
import type { Log } from "../../log.js";
import type { SendDatagram } from "../behavior/route.js";
import type { Scheduler, Task } from "../behavior/scheduler.js";
import { MAX_REMOTE_PARTICIPANTS } from "../limits.js";
import { type Data, encodeData } from "../messages/data.js";
import { encodeMessageHeader } from "../messages/header.js";
import { encodeInfoTimestamp } from "../messages/info-timestamp.js";
import { STATUS_DISPOSED, STATUS_UNREGISTERED } from "../messages/inline-qos.js";
import { ENTITYID_PARTICIPANT, ENTITYID_SPDP_READER, ENTITYID_SPDP_WRITER } from "../structure/entity-id.js";
import {
  formatPrefix,
  GUID_PREFIX_UNKNOWN,
  type GuidPrefix,
  guidFromBytes,
  guidToBytes,
  prefixToBytes,
} from "../structure/guid.js";
import { formatLocator, type Locator, sameLocators } from "../structure/locator.js";
import { nanosecondsToMs } from "../structure/time.js";
import { decodeKey } from "./endpoint-data.js";
import {
  decodeParticipantData,
  encodeParticipantData,
  encodeParticipantKey,
  type OwnParticipant,
  type ParticipantData,
} from "./participant-data.js";

export interface SpdpOptions {
  readonly own: OwnParticipant;
  /** Where DATA(p) goes regularly: multicast groups and initial peers. */
  readonly targets: readonly Locator[];
}

export interface SpdpEvents {
  onParticipant(participant: ParticipantData): void;
  /** A participant that is known announces other locators than before. */
  onParticipantMoved(participant: ParticipantData): void;
  onParticipantGone(prefix: GuidPrefix, why: "disposed" | "lease expired"): void;
}

/** When DATA(p) is sent after the start, and to a newcomer after its first DATA(p), in milliseconds. */
const FIRST_ANNOUNCEMENTS_MS = [0, 100, 250, 500, 1000, 2000];
const NEWCOMER_ANNOUNCEMENTS_MS = [0, 100, 300, 600, 1000];
/** Regular announcements: six fit into our lease of 20 s. */
const ANNOUNCE_MS = 3000;

interface Known {
  data: ParticipantData;
  readonly leaseMs: number | undefined;
  readonly lease: Task;
  lastSeen: number;
  greetings: number;
  readonly greet: Task;
}

/**
 * The Simple Participant Discovery Protocol (DDSI-RTPS 2.5, 8.5.3): announces this participant, and keeps the
 * remote ones with their leases. Any message of a participant renews its lease, as in the other
 * implementations (8.4.13 asks for it for writers). A newcomer is greeted at once and several times over its first
 * second, because it may have missed our announcement and the next regular one is seconds away.
 */
export class Spdp {
  private readonly known = new Map<GuidPrefix, Known>();
  private readonly payload: Uint8Array;
  private readonly announcer: Task;
  private announced = 0;
  private fullReported = false;

  constructor(
    private readonly options: SpdpOptions,
    private readonly scheduler: Scheduler,
    private readonly send: SendDatagram,
    private readonly log: Log,
    private readonly events: SpdpEvents,
  ) {
    this.payload = encodeParticipantData(options.own);
    this.announcer = scheduler.task(() => this.announce());
  }

  start(): void {
    this.announcer.after(0);
  }

  participant(prefix: GuidPrefix): ParticipantData | undefined {
    return this.known.get(prefix)?.data;
  }

  participants(): ParticipantData[] {
    return [...this.known.values()].map(({ data }) => data);
  }

  /** A message of this participant arrived. */
  onSign(prefix: GuidPrefix): void {
    const known = this.known.get(prefix);
    if (known !== undefined) known.lastSeen = this.scheduler.clock.now();
  }

  /** A DATA of an SPDP writer. @throws DecodeError */
  onData(data: Data): void {
    const { inlineQos, payload } = data;
    if (((inlineQos?.statusInfo ?? 0) & (STATUS_DISPOSED | STATUS_UNREGISTERED)) !== 0) {
      const key = inlineQos?.keyHash ? guidFromBytes(inlineQos.keyHash) : payload && decodeKey(payload);
      if (key !== undefined) this.remove(key.prefix, "disposed");
      return;
    }
    if (payload !== undefined && !data.keyOnly) this.onParticipantData(decodeParticipantData(payload));
  }

  /** Says goodbye. Sent twice: it is best effort, and losing it costs the others a whole lease. */
  dispose(): void {
    const { prefix } = this.options.own;
    const keyHash = guidToBytes({ prefix, entityId: ENTITYID_PARTICIPANT });
    const goodbye = this.message({
      sequenceNumber: 2,
      keyOnly: true,
      payload: encodeParticipantKey(prefix),
      inlineQos: { keyHash, statusInfo: STATUS_DISPOSED | STATUS_UNREGISTERED },
    });
    const locators = [...this.options.targets];
    for (const { data } of this.known.values()) locators.push(...data.metatrafficUnicast);
    for (let copy = 0; copy < 2; copy++) this.send([goodbye], { prefix: GUID_PREFIX_UNKNOWN, locators });
  }

  private onParticipantData(data: ParticipantData): void {
    const { own } = this.options;
    if (data.prefix === own.prefix || data.domainTag !== "") return;
    if (data.domainId !== undefined && data.domainId !== own.domainId) return;
    const known = this.known.get(data.prefix);
    if (known !== undefined) {
      known.lastSeen = this.scheduler.clock.now();
      this.follow(known, data);
      return;
    }
    if (this.known.size >= MAX_REMOTE_PARTICIPANTS) {
      if (!this.fullReported)
        this.log.error(`more than ${MAX_REMOTE_PARTICIPANTS} participants; the rest is ignored`);
      this.fullReported = true;
      return;
    }
    this.add(data);
  }

  private add(data: ParticipantData): void {
    const { prefix, lease } = data;
    const entry: Known = {
      data,
      leaseMs: lease === undefined ? undefined : nanosecondsToMs(lease),
      lease: this.scheduler.task(() => this.checkLease(entry)),
      lastSeen: this.scheduler.clock.now(),
      greetings: 0,
      greet: this.scheduler.task(() => this.greet(entry)),
    };
    this.known.set(prefix, entry);
    this.log.debug("participant discovered", { participant: formatPrefix(prefix) });
    if (entry.leaseMs !== undefined) entry.lease.after(entry.leaseMs);
    this.greet(entry);
    this.events.onParticipant(data);
  }

  /**
   * A host may get another address, by DHCP or in another network, while the participant goes on. An announcement without any
   * address that can be used says nothing of where it is now.
   */
  private follow(known: Known, { metatrafficUnicast, defaultUnicast }: ParticipantData): void {
    const before = known.data;
    const data = {
      ...before,
      ...(metatrafficUnicast.length > 0 && { metatrafficUnicast }),
      ...(defaultUnicast.length > 0 && { defaultUnicast }),
    };
    if (
      sameLocators(data.metatrafficUnicast, before.metatrafficUnicast) &&
      sameLocators(data.defaultUnicast, before.defaultUnicast)
    )
      return;
    known.data = data;
    this.log.debug("participant is at other addresses", {
      participant: formatPrefix(data.prefix),
      addresses: [...data.metatrafficUnicast, ...data.defaultUnicast].map(formatLocator).join(" "),
    });
    this.events.onParticipantMoved(data);
  }

  private remove(prefix: GuidPrefix, why: "disposed" | "lease expired"): void {
    const known = this.known.get(prefix);
    if (known === undefined) return;
    known.lease.cancel();
    known.greet.cancel();
    this.known.delete(prefix);
    this.log.debug(`participant gone: ${why}`, { participant: formatPrefix(prefix) });
    this.events.onParticipantGone(prefix, why);
  }

  private checkLease(known: Known): void {
    const left = known.lastSeen + (known.leaseMs as number) - this.scheduler.clock.now();
    if (left > 0) known.lease.after(left);
    else this.remove(known.data.prefix, "lease expired");
  }

  /** To known participants as well: not all are where we look for new ones, and each holds a lease on us. */
  private announce(): void {
    const locators = [...this.options.targets];
    for (const { data } of this.known.values()) {
      locators.push(...data.metatrafficUnicast.filter((locator) => !this.isTarget(locator)));
    }
    this.sendTo(locators);
    this.announcer.after(nextIn(FIRST_ANNOUNCEMENTS_MS, ++this.announced) ?? ANNOUNCE_MS);
  }

  private isTarget({ address, port }: Locator): boolean {
    return this.options.targets.some((target) => target.address === address && target.port === port);
  }

  private greet(known: Known): void {
    this.sendTo(known.data.metatrafficUnicast);
    const next = nextIn(NEWCOMER_ANNOUNCEMENTS_MS, ++known.greetings);
    if (next !== undefined) known.greet.after(next);
  }

  private sendTo(locators: readonly Locator[]): void {
    if (locators.length === 0) return;
    const message = this.message({ sequenceNumber: 1, keyOnly: false, payload: this.payload });
    this.send([message], { prefix: GUID_PREFIX_UNKNOWN, locators });
  }

  private message(data: Pick<Data, "sequenceNumber" | "keyOnly" | "payload" | "inlineQos">): Uint8Array {
    const out = new CdrWriter(true, 512);
    encodeMessageHeader(out, prefixToBytes(this.options.own.prefix));
    encodeInfoTimestamp(out, this.scheduler.clock.epoch());
    encodeData(out, {
      kind: "data",
      readerId: ENTITYID_SPDP_READER,
      writerId: ENTITYID_SPDP_WRITER,
      ...data,
    });
    return out.bytes;
  }
}

/** The pause between announcement `count - 1` and `count`; undefined after the last. */
function nextIn(schedule: readonly number[], count: number): number | undefined {
  const at = schedule[count];
  return at === undefined ? undefined : at - (schedule[count - 1] as number);
}
