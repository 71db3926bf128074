import type { EndpointDescription, ReaderListener, WriterListener } from "../bridge/network.js";
import { DecodeError } from "../errors.js";
import type { Log } from "../log.js";
import { EndpointTable } from "./behavior/endpoint-table.js";
import { ReassemblyBudget } from "./behavior/fragment-assembly.js";
import { MessageReceiver } from "./behavior/message-receiver.js";
import { MessageSender, type MessageSenderOptions } from "./behavior/message-sender.js";
import type { Route, RouteTarget } from "./behavior/route.js";
import { type Clock, Scheduler, type Task } from "./behavior/scheduler.js";
import { StatefulReader } from "./behavior/stateful-reader.js";
import { StatefulWriter } from "./behavior/stateful-writer.js";
import { type EndpointData, ownEndpointData } from "./discovery/endpoint-data.js";
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
} from "./structure/entity-id.js";
import { formatPrefix, type Guid, type GuidPrefix } from "./structure/guid.js";
import { type Locator, sameLocators } from "./structure/locator.js";
import { nanosecondsToMs } from "./structure/time.js";
import { type EndpointHost, UserReader } from "./user-reader.js";
import { UserWriter } from "./user-writer.js";

export interface ParticipantOptions extends MessageSenderOptions {
  readonly own: OwnParticipant;
  /** Where SPDP announcements go besides known participants. */
  readonly targets: readonly Locator[];
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * A DDS participant (DDSI-RTPS 2.5, 8.2.5) without sockets, clock or randomness of its own: datagrams go in by
 * {@link receive}, come out by `options.send`, and time passes by `options.clock`.
 */
export class Participant implements EndpointHost {
  readonly prefix: GuidPrefix;
  readonly log: Log;
  private readonly scheduler: Scheduler;
  private readonly budget = new ReassemblyBudget(MAX_REASSEMBLY_OCTETS);
  private readonly receiver: MessageReceiver;
  private readonly sender: MessageSender;
  private readonly spdp: Spdp;
  private readonly sedp: Sedp;
  private readonly messages: ParticipantMessages;
  private readonly matcher: EndpointMatcher;
  private readonly late: LateSamples;
  private readonly local: EndpointTable;
  private currentAddress = "";
  /** The octets 0 to 2 of the next entity id. */
  private nextEntityKey = 1;
  private closed = false;
  /** Called after a remote participant and its endpoints have gone. */
  onParticipantGone: ((prefix: GuidPrefix) => void) | undefined;

  constructor(private readonly options: ParticipantOptions) {
    const { own, clock, log } = options;
    this.prefix = own.prefix;
    this.log = log;
    this.scheduler = new Scheduler(clock);
    this.late = new LateSamples(this.scheduler);
    this.local = new EndpointTable((writer, sequenceNumber) => this.late.onSample(writer, sequenceNumber));
    this.sender = new MessageSender(own.prefix, this.scheduler, options, (message) =>
      this.handle(message, "", true),
    );
    this.receiver = new MessageReceiver(
      own.prefix,
      (source) => this.spdp.onSign(source),
      (source, submessage) => {
        if (submessage.writerId !== ENTITYID_SPDP_WRITER) this.local.receive(source, submessage);
        else if (submessage.kind === "data") this.spdp.onData(submessage);
      },
    );
    const announce = (parts: readonly Uint8Array[], to: RouteTarget) => this.sender.send(parts, to);
    this.spdp = new Spdp({ own, targets: options.targets }, this.scheduler, announce, log, {
      onParticipant: (data) => this.addParticipant(data),
      onParticipantMoved: (data) => this.moveParticipant(data),
      onParticipantGone: (prefix) => this.removeParticipant(prefix),
    });
    this.sedp = new Sedp(own.prefix, this.scheduler, this.budget, log, {
      onEndpoint: (endpoint) => this.addEndpoint(endpoint),
      onEndpointGone: (guid) => this.matcher.remove(guid),
    });
    this.messages = new ParticipantMessages(own.prefix, this.scheduler, this.budget);
    this.matcher = new EndpointMatcher((endpoint) => this.routeTo(endpoint));
    for (const writer of [...this.sedp.writers, this.messages.writer]) this.local.addWriter(writer);
    for (const reader of [...this.sedp.readers, this.messages.reader]) this.local.addReader(reader);
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
    this.local.addReader(user.reader);
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
    this.local.addWriter(writer);
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
    this.local.remove(guid.entityId);
  }

  /** Says goodbye and stops: nothing is called or sent afterwards. */
  close(): void {
    if (this.closed) return;
    this.sender.flush();
    this.spdp.dispose();
    this.closed = true;
    this.sender.close();
    this.scheduler.stop();
    this.sedp.close();
    this.messages.close();
    this.local.close();
  }

  /**
   * Handles one datagram.
   * @param datagram taken over: samples that wait for others keep parts of it
   * @param address IPv4 address it came from
   */
  receive(datagram: Uint8Array, address: string): void {
    this.handle(datagram, address, false);
  }

  /** A task that ends with the participant. */
  task(run: () => void): Task {
    return this.scheduler.task(run);
  }

  // EndpointHost

  defer(callback: () => void): void {
    this.options.defer(() => {
      if (!this.closed) callback();
    });
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

  private describe(kind: EndpointData["kind"], description: EndpointDescription): EndpointData {
    const entityKind = kind === "writer" ? ENTITY_KIND_WRITER_NO_KEY : ENTITY_KIND_READER_NO_KEY;
    const entityId = ((this.nextEntityKey++ << 8) | entityKind) >>> 0;
    return ownEndpointData(kind, { prefix: this.prefix, entityId }, description);
  }

  private addParticipant(data: ParticipantData): void {
    this.sender.routes.prove(data.prefix, this.currentAddress);
    const route = this.sender.routes.to(data.prefix, data.metatrafficUnicast, "metatraffic");
    if (route === undefined) {
      const participant = formatPrefix(data.prefix);
      this.log.warn("a participant announces no UDPv4 address; it cannot be reached", { participant });
      return;
    }
    this.sedp.addParticipant(data, route);
    this.messages.addParticipant(data, route);
  }

  /**
   * Nothing is matched anew: the other end still counts our HEARTBEATs and ACKNACKs from where they were, and takes those with
   * lower counts for duplicates (8.3.8.1, 8.3.8.6). Endpoints with locators of their own announce themselves again.
   */
  private moveParticipant(data: ParticipantData): void {
    const { prefix, metatrafficUnicast, defaultUnicast } = data;
    const { routes } = this.sender;
    routes.prove(prefix, this.currentAddress);
    routes.move(prefix, "default", defaultUnicast);
    // Without a route it could not be reached before.
    if (!routes.move(prefix, "metatraffic", metatrafficUnicast)) this.addParticipant(data);
  }

  private removeParticipant(prefix: GuidPrefix): void {
    this.matcher.removeParticipant(prefix);
    this.sedp.removeParticipant(prefix);
    this.messages.removeParticipant(prefix);
    this.sender.routes.forget(prefix);
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
    const defaults = this.spdp.participant(prefix)?.defaultUnicast ?? [];
    // Fast DDS repeats them for each endpoint: they move with the participant then.
    const own = sameLocators(endpoint.unicast, defaults) ? [] : endpoint.unicast;
    this.matcher.add({ ...endpoint, unicast: own });
  }

  private routeTo(endpoint: EndpointData): Route | undefined {
    const { prefix } = endpoint.guid;
    if (prefix === this.prefix) return this.sender.routes.loop();
    const { routes } = this.sender;
    if (endpoint.unicast.length > 0) return routes.to(prefix, endpoint.unicast);
    return routes.to(prefix, this.spdp.participant(prefix)?.defaultUnicast ?? [], "default");
  }
}
