import { RosehipError } from "../host-agent/src/errors.js";
import type { AbiQos } from "./abi.js";
import { VirtualClock } from "./clock.js";
import { GraphMembers } from "./graph-members.js";
import { offers } from "./qos-matching.js";

/** A request on its way from a client to a server. */
export interface GraphCall {
  /** CDR without encapsulation header. */
  readonly payload: Uint8Array;
  readonly bigEndian: boolean;
  /** Takes the response's CDR, little-endian. At most one of the two is called, once. */
  reply(payload: Uint8Array): void;
  /** The server gave the request up. */
  fail(error: Error): void;
}

/** What a remote end does to all kinds of ends: `matched` is how many match, `mismatched` whether only others are there. */
interface End {
  /** Called whenever either may have changed. */
  matchedChanged?(matched: number, mismatched: boolean): void;
}

interface ServiceEnd extends End {
  readonly name: string;
  readonly requestType: string;
  readonly responseType: string;
}

export interface ServerEnd extends ServiceEnd {
  serve(call: GraphCall): void;
}

export type ClientEnd = ServiceEnd;

interface TopicEnd extends End {
  readonly topic: string;
  readonly type: string;
  readonly qos: AbiQos;
}

export type WriterEnd = TopicEnd;

export interface ReaderEnd extends TopicEnd {
  /** @param payload CDR without encapsulation header; not to be changed */
  take(payload: Uint8Array, bigEndian: boolean): void;
}

/** Where an end of a board belongs, for graphs that show nodes and type hashes. */
export interface Origin {
  readonly node: { readonly name: string; readonly namespace: string };
  /** RIHS01 of the types in the order of their names, 32 octets each; absent if the app gave none. */
  readonly hashes: Uint8Array | undefined;
}

/** What boards and tests meet in, in a common time. Ends are objects of their owners, known by identity. */
export interface Graph {
  readonly clock: VirtualClock;
  addServer(end: ServerEnd, origin?: Origin): void;
  addClient(end: ClientEnd, origin?: Origin): void;
  addWriter(end: WriterEnd, origin?: Origin): void;
  addReader(end: ReaderEnd, origin?: Origin): void;
  /** Takes an end of any kind off the graph. */
  remove(end: ServerEnd | ClientEnd | WriterEnd | ReaderEnd): void;
  /** Sends a request to the first server that matches. False if there is none. */
  call(client: ClientEnd, call: GraphCall): boolean;
  /** Whether there is a server that matches. */
  serves(client: ClientEnd): boolean;
  /** Sends a sample. False if there is no room for it now. */
  publish(writer: WriterEnd, payload: Uint8Array, bigEndian?: boolean): boolean;
  join(member: GraphMember): void;
  leave(member: GraphMember): void;
  /** The earliest time at which a member has something to do by itself; undefined for never. */
  readonly wakeAt: bigint | undefined;
  /** Lets everything happen that is due at this moment. */
  settle(): void;
  /** Lets time pass until `end`; everything due by then happens at its time. */
  advanceTo(end: bigint): void;
}

/** Something that lives in a graph's time: a board. */
export interface GraphMember {
  /** When it next has something to do without an event; undefined for never. */
  readonly wakeAt: bigint | undefined;
  /** Whether it has something to do now. */
  readonly isReady: boolean;
  /** Does some of it. */
  step(): void;
}

interface Sample {
  readonly payload: Uint8Array;
  readonly bigEndian: boolean;
}

/** Steps at one moment of virtual time after which it is taken to stand still for ever. */
const MAX_STEPS = 1_000_000;

/**
 * A graph in memory: names, types and QoS decide who hears whom, as on a DDS domain. Everything arrives at once, in order
 * and without loss.
 */
export class SimulatedGraph implements Graph {
  readonly clock = new VirtualClock();
  private readonly servers = new Set<ServerEnd>();
  private readonly clients = new Set<ClientEnd>();
  private readonly readers = new Set<ReaderEnd>();
  /** With what a transient-local writer keeps for readers that come later. */
  private readonly writers = new Map<WriterEnd, Sample[]>();
  private readonly members = new GraphMembers();

  addServer(end: ServerEnd): void {
    this.servers.add(end);
    this.tellServices(end);
  }

  addClient(end: ClientEnd): void {
    this.clients.add(end);
    this.tellServices(end);
  }

  addWriter(end: WriterEnd): void {
    this.writers.set(end, []);
    this.tellTopic(end.topic);
  }

  addReader(end: ReaderEnd): void {
    this.readers.add(end);
    this.tellTopic(end.topic);
    if (end.qos.durability === 0) return;
    for (const [writer, history] of this.writers) {
      if (writer.topic !== end.topic || !matchTopics(writer, end)) continue;
      for (const { payload, bigEndian } of history) end.take(payload, bigEndian);
    }
  }

  remove(end: ServerEnd | ClientEnd | WriterEnd | ReaderEnd): void {
    if ("topic" in end) {
      this.writers.delete(end);
      this.readers.delete(end as ReaderEnd);
      this.tellTopic(end.topic);
    } else {
      this.servers.delete(end as ServerEnd);
      this.clients.delete(end);
      this.tellServices(end);
    }
  }

  call(client: ClientEnd, call: GraphCall): boolean {
    const server = this.serverOf(client);
    server?.serve(call);
    return server !== undefined;
  }

  serves(client: ClientEnd): boolean {
    return this.serverOf(client) !== undefined;
  }

  private serverOf(client: ClientEnd): ServerEnd | undefined {
    for (const server of this.servers) {
      if (server.name === client.name && matchServices(server, client)) return server;
    }
    return undefined;
  }

  publish(writer: WriterEnd, payload: Uint8Array, bigEndian = false): boolean {
    const history = this.writers.get(writer);
    if (history === undefined) return true;
    const sample = { payload: payload.slice(), bigEndian };
    if (writer.qos.durability === 1) {
      history.push(sample);
      if (writer.qos.history === 0 && history.length > writer.qos.depth) history.shift();
    }
    for (const reader of this.readers) {
      if (reader.topic === writer.topic && matchTopics(writer, reader))
        reader.take(sample.payload, bigEndian);
    }
    return true;
  }

  join(member: GraphMember): void {
    this.members.add(member);
  }

  leave(member: GraphMember): void {
    this.members.delete(member);
  }

  get wakeAt(): bigint | undefined {
    return this.members.wakeAt;
  }

  settle(): void {
    let steps = 0;
    for (let active = true; active; ) {
      active = false;
      for (const member of this.members) {
        if (!member.isReady) continue;
        active = true;
        if (++steps > MAX_STEPS) throw endless(this.clock.now);
        member.step();
      }
    }
  }

  advanceTo(end: bigint): void {
    this.settle();
    for (let next = this.wakeAt; next !== undefined && next <= end; next = this.wakeAt) {
      this.clock.advanceTo(next);
      this.settle();
    }
    this.clock.advanceTo(end);
  }

  private tellServices({ name }: ServiceEnd): void {
    const of = <T extends ServiceEnd>(ends: Iterable<T>) => [...ends].filter((end) => end.name === name);
    const [servers, clients] = [of(this.servers), of(this.clients)];
    for (const server of servers) tell(server, clients, (client) => matchServices(server, client));
    for (const client of clients) tell(client, servers, (server) => matchServices(server, client));
  }

  private tellTopic(topic: string): void {
    const of = <T extends TopicEnd>(ends: Iterable<T>) => [...ends].filter((end) => end.topic === topic);
    const [writers, readers] = [of(this.writers.keys()), of(this.readers)];
    for (const writer of writers) tell(writer, readers, (reader) => matchTopics(writer, reader));
    for (const reader of readers) tell(reader, writers, (writer) => matchTopics(writer, reader));
  }
}

function endless(now: bigint): RosehipError {
  return new RosehipError("SIM_ENDLESS", `${MAX_STEPS} steps at one moment of virtual time, and no end`, {
    where: `${Number(now) / 1e9} s`,
    remedy: "An app that waits in a loop lets time pass: sleep(1), not sleep(0).",
  });
}

function tell<T>(end: End, others: readonly T[], matches: (other: T) => boolean): void {
  const matched = others.filter(matches).length;
  end.matchedChanged?.(matched, matched === 0 && others.length > 0);
}

function matchServices(server: ServiceEnd, client: ServiceEnd): boolean {
  return server.requestType === client.requestType && server.responseType === client.responseType;
}

function matchTopics(writer: TopicEnd, reader: TopicEnd): boolean {
  return writer.type === reader.type && offers(writer.qos, reader.qos);
}
