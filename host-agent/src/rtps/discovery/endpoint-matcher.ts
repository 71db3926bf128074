import type { Route } from "../behavior/route.js";
import { type Guid, type GuidPrefix, guidKey } from "../structure/guid.js";
import type { EndpointData } from "./endpoint-data.js";
import { incompatibility, shareAPartition } from "./qos-matching.js";

/** An endpoint of this participant. */
export interface LocalEndpoint {
  readonly data: EndpointData;
  match(remote: EndpointData, route: Route): void;
  unmatch(remote: EndpointData): void;
  /** @param reason undefined: the remote endpoint is gone, or has changed */
  incompatible(remote: EndpointData, reason: string | undefined): void;
}

interface Topic {
  readonly locals: Map<string, LocalEndpoint>;
  /** Those of other participants and, to match among ourselves, our own. */
  readonly all: Map<string, EndpointData>;
}

/**
 * Pairs the endpoints of this participant with those of all participants, its own included, by topic, type
 * and QoS. Each pair is matched, or reported as incompatible, once.
 */
export class EndpointMatcher {
  private readonly topics = new Map<string, Topic>();
  private readonly endpoints = new Map<string, EndpointData>();
  private readonly byParticipant = new Map<GuidPrefix, Set<string>>();
  /** Keys of the local endpoints that each endpoint is matched with. */
  private readonly matches = new Map<string, Set<string>>();
  /** Keys of the local endpoints that each endpoint is incompatible with. */
  private readonly refusals = new Map<string, Set<string>>();

  /** @param routeTo the way to an endpoint; undefined if none of its locators can be used */
  constructor(private readonly routeTo: (endpoint: EndpointData) => Route | undefined) {}

  /** Endpoints known of a participant. */
  count(prefix: GuidPrefix): number {
    return this.byParticipant.get(prefix)?.size ?? 0;
  }

  get(guid: Guid): EndpointData | undefined {
    return this.endpoints.get(guidKey(guid));
  }

  values(): IterableIterator<EndpointData> {
    return this.endpoints.values();
  }

  addLocal(local: LocalEndpoint): void {
    const topic = this.topic(local.data.topic);
    topic.locals.set(guidKey(local.data.guid), local);
    for (const other of topic.all.values()) this.pair(local, other);
    this.add(local.data);
  }

  removeLocal(local: LocalEndpoint): void {
    const key = guidKey(local.data.guid);
    this.topics.get(local.data.topic)?.locals.delete(key);
    for (const paired of [...this.matches.values(), ...this.refusals.values()]) paired.delete(key);
    this.remove(local.data.guid);
  }

  /** Adds an endpoint, or replaces what was known of it. */
  add(endpoint: EndpointData): void {
    const key = guidKey(endpoint.guid);
    const before = this.endpoints.get(key);
    if (before !== undefined) {
      if (same(before, endpoint)) return;
      this.remove(endpoint.guid);
    }
    this.endpoints.set(key, endpoint);
    const { prefix } = endpoint.guid;
    const siblings = this.byParticipant.get(prefix);
    if (siblings === undefined) this.byParticipant.set(prefix, new Set([key]));
    else siblings.add(key);
    const topic = this.topic(endpoint.topic);
    topic.all.set(key, endpoint);
    for (const local of topic.locals.values()) this.pair(local, endpoint);
  }

  remove(guid: Guid): void {
    const key = guidKey(guid);
    const endpoint = this.endpoints.get(key);
    if (endpoint === undefined) return;
    this.endpoints.delete(key);
    const siblings = this.byParticipant.get(guid.prefix);
    siblings?.delete(key);
    if (siblings?.size === 0) this.byParticipant.delete(guid.prefix);
    const topic = this.topic(endpoint.topic);
    topic.all.delete(key);
    for (const localKey of this.matches.get(key) ?? []) topic.locals.get(localKey)?.unmatch(endpoint);
    this.matches.delete(key);
    for (const localKey of this.refusals.get(key) ?? []) {
      topic.locals.get(localKey)?.incompatible(endpoint, undefined);
    }
    this.refusals.delete(key);
    if (topic.all.size === 0 && topic.locals.size === 0) this.topics.delete(endpoint.topic);
  }

  removeParticipant(prefix: GuidPrefix): void {
    for (const key of [...(this.byParticipant.get(prefix) ?? [])]) {
      this.remove((this.endpoints.get(key) as EndpointData).guid);
    }
  }

  private topic(name: string): Topic {
    let topic = this.topics.get(name);
    if (topic === undefined) {
      topic = { locals: new Map(), all: new Map() };
      this.topics.set(name, topic);
    }
    return topic;
  }

  private pair(local: LocalEndpoint, other: EndpointData): void {
    if (local.data.kind === other.kind || !shareAPartition(local.data, other)) return;
    const [writer, reader] = other.kind === "writer" ? [other, local.data] : [local.data, other];
    const reason = incompatibility(writer, reader);
    const route = reason === undefined ? this.routeTo(other) : undefined;
    note(route === undefined ? this.refusals : this.matches, other, local);
    if (route !== undefined) local.match(other, route);
    else
      local.incompatible(
        other,
        reason ?? `The ${other.kind} announces no UDPv4 address it can be reached at.`,
      );
  }
}

function note(pairs: Map<string, Set<string>>, other: EndpointData, local: LocalEndpoint): void {
  const key = guidKey(other.guid);
  const locals = pairs.get(key);
  if (locals === undefined) pairs.set(key, new Set([guidKey(local.data.guid)]));
  else locals.add(guidKey(local.data.guid));
}

/** Announcements are repeated; one that says the same again changes nothing. */
function same(a: EndpointData, b: EndpointData): boolean {
  return fingerprint(a) === fingerprint(b);
}

function fingerprint(endpoint: EndpointData): string {
  return JSON.stringify(endpoint, (_key, value) => (typeof value === "bigint" ? `${value}n` : value));
}
