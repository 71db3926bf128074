import type { EndpointDescription, Qos, ReaderListener, WriterListener } from "../bridge/network.js";
import { DecodeError } from "../errors.js";
import type { Log } from "../log.js";
import { ReassemblyBudget } from "./behavior/fragment-assembly.js";
import { type EntitySubmessage, MessageReceiver } from "./behavior/message-receiver.js";
import type { Route, RouteHost, RouteTarget } from "./behavior/route.js";
import { RouteTable } from "./behavior/route-table.js";
import { type Clock, Scheduler, type Task } from "./behavior/scheduler.js";
import { StatefulReader } from "./behavior/stateful-reader.js";
import { StatefulWriter } from "./behavior/stateful-writer.js";
import { type EndpointData, type EndpointQos, REPRESENTATION_XCDR1 } from "./discovery/endpoint-data.js";
import { EndpointMatcher, type LocalEndpoint } from "./discovery/endpoint-matcher.js";
import type { OwnParticipant, ParticipantData } from "./discovery/participant-data.js";
import { ParticipantMessages } from "./discovery/participant-message.js";
import { Sedp } from "./discovery/sedp.js";
import { Spdp } from "./discovery/spdp.js";
import { LateSamples } from "./late-samples.js";
import { MAX_ENDPOINTS_PER_PARTICIPANT, MAX_REASSEMBLY_OCTETS } from "./limits.js";
import {
  ENTITY_KIND_READER_NO_KEY,
  ENTITY_KIND_WRITER_NO_KEY,
  ENTITYID_SPDP_WRITER,
  ENTITYID_UNKNOWN,
} from "./structure/entity-id.js";
import {
  type EntityId,
  formatPrefix,
  type Guid,
  type GuidPrefix,
  guidKey,
  prefixToBytes,
} from "./structure/guid.js";
import type { Locator } from "./structure/locator.js";
import { nanosecondsToMs } from "./structure/time.js";
import { type EndpointHost, UserReader } from "./user-reader.js";
import { UserWriter } from "./user-writer.js";

export interface ParticipantOptions {
  readonly own: OwnParticipant;
  /** Where SPDP announcements go besides known participants. */
  readonly targets: readonly Locator[];
  /** IPv4 addresses of this host: datagrams to them do not leave it, whichever interface they belong to. */
  readonly hostAddresses: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  /** Sends a datagram; the parts are not written to afterwards. */
  readonly send: (parts: readonly Uint8Array[], locator: Locator) => void;
  /** Runs a callback when the current event has been handled, before the next (queueMicrotask). */
  readonly defer: (callback: () => void) => void;
  /** Runs a callback as an event of its own (setImmediate). */
  readonly later: (callback: () => void) => void;
}

/**
 * A DDS participant (DDSI-RTPS 2.5, 8.2.5) without sockets, clock or randomness of its own: datagrams go in by
 * {@link receive}, come out by `options.send`, and time passes by `options.clock`.
 */
export class Participant implements RouteHost, EndpointHost {
  readonly prefix: GuidPrefix;
  readonly prefixBytes: Uint8Array;
  readonly log: Log;
  private readonly scheduler: Scheduler;
  private readonly budget = new ReassemblyBudget(MAX_REASSEMBLY_OCTETS);
  private readonly receiver: MessageReceiver;
  private readonly spdp: Spdp;
  private readonly sedp: Sedp;
  private readonly messages: ParticipantMessages;
  private readonly matcher: EndpointMatcher;
  private readonly readers = new Map<EntityId, StatefulReader>();
  private readonly writers = new Map<EntityId, StatefulWriter>();
  private readonly late: LateSamples;
  private readonly routes: RouteTable;
  private dirty: Route[] = [];
  /** Datagrams from this participant's endpoints to others of its own, and whether {@link loop} is to come. */
  private looping: Uint8Array[] = [];
  private loopDue = false;
  private currentAddress = "";
  /** The octets 0 to 2 of the next entity id. */
  private nextEntityKey = 1;
  private closed = false;
  /** Called after a remote participant and its endpoints have gone. */
  onParticipantGone: ((prefix: GuidPrefix) => void) | undefined;

  constructor(private readonly options: ParticipantOptions) {
    const { own, clock, log } = options;
    this.prefix = own.prefix;
    this.prefixBytes = prefixToBytes(own.prefix);
    this.log = log;
    this.scheduler = new Scheduler(clock);
    this.late = new LateSamples(this.scheduler);
    this.routes = new RouteTable(this, options.hostAddresses);
    this.receiver = new MessageReceiver(
      own.prefix,
      (source) => this.spdp.onSign(source),
      (source, submessage) => this.dispatch(source, submessage),
    );
    const announce = (parts: readonly Uint8Array[], to: RouteTarget) => this.send(parts, to);
    this.spdp = new Spdp({ own, targets: options.targets }, this.scheduler, announce, log, {
      onParticipant: (data) => this.addParticipant(data),
      onParticipantGone: (prefix) => this.removeParticipant(prefix),
    });
    this.sedp = new Sedp(own.prefix, this.scheduler, this.budget, log, {
      onEndpoint: (endpoint) => this.addEndpoint(endpoint),
      onEndpointGone: (guid) => this.matcher.remove(guid),
    });
    this.messages = new ParticipantMessages(own.prefix, this.scheduler, this.budget);
    this.matcher = new EndpointMatcher((endpoint) => this.routeTo(endpoint));
    for (const writer of [...this.sedp.writers, this.messages.writer]) this.registerWriter(writer);
    for (const reader of [...this.sedp.readers, this.messages.reader]) this.registerReader(reader);
  }

  start(): void {
    this.spdp.start();
  }

  get enclave(): string {
    return this.options.own.enclave;
  }

  /** All endpoints known, our own included. */
  endpoints(): IterableIterator<EndpointData> {
    return this.matcher.values();
  }

  endpoint(guid: Guid): EndpointData | undefined {
    return this.matcher.get(guid);
  }

  participant(prefix: GuidPrefix): ParticipantData | undefined {
    return this.spdp.participant(prefix);
  }

  createReader(description: EndpointDescription, listener: ReaderListener): UserReader {
    const data = this.describe("reader", description);
    const user = new UserReader(data, description, listener, this);
    const options = { guid: data.guid, reliable: description.qos.reliability === "reliable" };
    user.reader = new StatefulReader(options, this.scheduler, this.budget, user.deliver);
    user.reader.onRefused = user.refused;
    this.registerReader(user.reader);
    this.sedp.announce(data);
    this.matcher.addLocal(user);
    return user;
  }

  createWriter(description: EndpointDescription, listener: WriterListener): UserWriter {
    const data = this.describe("writer", description);
    const { history, lifespan, liveliness } = description.qos;
    const writer = new StatefulWriter(
      {
        guid: data.guid,
        reliable: description.qos.reliability === "reliable",
        transientLocal: description.qos.durability === "transient_local",
        depth: history.kind === "keep_last" ? Math.max(1, history.depth) : undefined,
        ...(lifespan !== undefined && { lifespanMs: nanosecondsToMs(lifespan) }),
      },
      this.scheduler,
    );
    this.registerWriter(writer);
    const user = new UserWriter(data, description, writer, listener, this);
    if (liveliness?.kind === "automatic" && liveliness.lease !== undefined) {
      this.messages.hold(user, nanosecondsToMs(liveliness.lease));
    }
    this.sedp.announce(data);
    this.matcher.addLocal(user);
    return user;
  }

  withdraw(endpoint: LocalEndpoint): void {
    if (this.closed) return;
    const { guid } = endpoint.data;
    if (endpoint instanceof UserReader && endpoint.onLate !== undefined) {
      this.late.expect(endpoint.reader.reliableWriters(), endpoint.onLate);
    }
    this.matcher.removeLocal(endpoint);
    this.sedp.withdraw(endpoint.data);
    this.messages.release(endpoint);
    this.readers.get(guid.entityId)?.close();
    this.readers.delete(guid.entityId);
    this.writers.get(guid.entityId)?.close();
    this.writers.delete(guid.entityId);
  }

  /** Says goodbye and stops: nothing is called or sent afterwards. */
  close(): void {
    if (this.closed) return;
    this.flush();
    this.spdp.dispose();
    this.closed = true;
    this.scheduler.stop();
    this.sedp.close();
    this.messages.close();
    for (const endpoint of [...this.readers.values(), ...this.writers.values()]) endpoint.close();
    this.routes.close();
  }

  /**
   * Handles one datagram.
   * @param datagram taken over: samples that wait for others keep parts of it
   * @param address IPv4 address it came from
   */
  receive(datagram: Uint8Array, address: string): void {
    this.handle(datagram, address, false);
  }

  // RouteHost

  send(parts: readonly Uint8Array[], to: RouteTarget): void {
    if (this.closed) return;
    if (to.prefix === this.prefix) {
      this.looping.push(Buffer.concat(parts));
      this.loopSoon();
      return;
    }
    for (const locator of to.locators) this.options.send(parts, locator);
  }

  flushSoon(route: Route): void {
    if (route.prefix === this.prefix) {
      this.loopSoon();
      return;
    }
    if (this.dirty.length === 0) this.options.defer(() => this.flush());
    this.dirty.push(route);
  }

  task(run: () => void): Task {
    return this.scheduler.task(run);
  }

  // EndpointHost

  defer(callback: () => void): void {
    this.options.defer(() => {
      if (!this.closed) callback();
    });
  }

  private flush(): void {
    const dirty = this.dirty;
    this.dirty = [];
    for (const route of dirty) route.flush();
  }

  private loopSoon(): void {
    if (this.loopDue) return;
    this.loopDue = true;
    this.options.later(() => this.loop());
  }

  /** As an event of its own, after those that are under way: what they all write travels together. */
  private loop(): void {
    this.loopDue = false;
    this.routes.loop().flush();
    const datagrams = this.looping;
    this.looping = [];
    for (const datagram of datagrams) this.handle(datagram, "", true);
  }

  private handle(datagram: Uint8Array, address: string, loop: boolean): void {
    if (this.closed) return;
    this.currentAddress = address;
    try {
      this.receiver.receive(datagram, loop);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.log.debug("a message does not decode; the rest of it is ignored", {
        address,
        error: error.message,
      });
    }
  }

  private dispatch(source: GuidPrefix, submessage: EntitySubmessage): void {
    const { kind } = submessage;
    if (kind === "acknack" || kind === "nackFrag") {
      const writer = this.writers.get(submessage.writerId);
      const reader = { prefix: source, entityId: submessage.readerId };
      if (kind === "acknack") writer?.onAckNack(reader, submessage);
      else writer?.onNackFrag(reader, submessage);
      return;
    }
    if (submessage.writerId === ENTITYID_SPDP_WRITER) {
      if (kind === "data") this.spdp.onData(submessage);
      return;
    }
    const writer = guidKey({ prefix: source, entityId: submessage.writerId });
    if (submessage.readerId !== ENTITYID_UNKNOWN) {
      const reader = this.readers.get(submessage.readerId);
      if (reader !== undefined) reader.receive(writer, submessage);
      else if (kind === "data") this.late.onSample(writer, submessage.sequenceNumber);
      return;
    }
    // 8.3.8.2.5: ENTITYID_UNKNOWN means all readers that are matched with the writer.
    for (const reader of this.readers.values()) reader.receive(writer, submessage);
  }

  private describe(kind: EndpointData["kind"], description: EndpointDescription): EndpointData {
    const entityKind = kind === "writer" ? ENTITY_KIND_WRITER_NO_KEY : ENTITY_KIND_READER_NO_KEY;
    const { topic, type, typeHash, qos } = description;
    return {
      kind,
      guid: { prefix: this.prefix, entityId: ((this.nextEntityKey++ << 8) | entityKind) >>> 0 },
      topic,
      type,
      qos: announcedQos(qos),
      unicast: [],
      ...(typeHash !== undefined && { typeHash }),
    };
  }

  private addParticipant(data: ParticipantData): void {
    this.routes.prove(data.prefix, this.currentAddress);
    const route = this.routes.to(data.prefix, data.metatrafficUnicast);
    if (route === undefined) {
      const participant = formatPrefix(data.prefix);
      this.log.warn("a participant announces no UDPv4 address; it cannot be reached", { participant });
      return;
    }
    this.sedp.addParticipant(data, route);
    this.messages.addParticipant(data, route);
  }

  private removeParticipant(prefix: GuidPrefix): void {
    this.matcher.removeParticipant(prefix);
    this.sedp.removeParticipant(prefix);
    this.messages.removeParticipant(prefix);
    this.routes.forget(prefix);
    this.onParticipantGone?.(prefix);
  }

  private addEndpoint(endpoint: EndpointData): void {
    const { prefix } = endpoint.guid;
    const known = this.matcher.get(endpoint.guid) !== undefined;
    if (!known && this.matcher.count(prefix) >= MAX_ENDPOINTS_PER_PARTICIPANT) {
      this.log.error(
        `a participant has more than ${MAX_ENDPOINTS_PER_PARTICIPANT} endpoints; one is ignored`,
        {
          participant: formatPrefix(prefix),
          topic: endpoint.topic,
        },
      );
      return;
    }
    this.matcher.add(endpoint);
  }

  private routeTo(endpoint: EndpointData): Route | undefined {
    const { prefix } = endpoint.guid;
    if (prefix === this.prefix) return this.routes.loop();
    const own = endpoint.unicast.length > 0 ? endpoint.unicast : undefined;
    return this.routes.to(prefix, own ?? this.spdp.participant(prefix)?.defaultUnicast ?? []);
  }

  private registerReader(reader: StatefulReader): void {
    this.readers.set(reader.options.guid.entityId, reader);
  }

  private registerWriter(writer: StatefulWriter): void {
    this.writers.set(writer.options.guid.entityId, writer);
  }
}

function announcedQos(qos: Qos): EndpointQos {
  const { deadline, lifespan, liveliness } = qos;
  return {
    reliability: qos.reliability,
    durability: qos.durability,
    liveliness: liveliness?.kind ?? "automatic",
    ownership: "shared",
    partitions: [],
    representations: [REPRESENTATION_XCDR1],
    ...(deadline !== undefined && { deadline }),
    ...(lifespan !== undefined && { lifespan }),
    ...(liveliness?.lease !== undefined && { livelinessLease: liveliness.lease }),
  };
}
