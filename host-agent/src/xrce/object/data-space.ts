import type { EndpointQos } from "../message/representation/description.js";

/**
 * The data space behind the agent's objects, as the objects see it. bridge/ implements it over a network; nothing
 * here knows which. All callbacks come from the event loop, never out of the call that causes them, except samples
 * during {@link ReaderEntity.resume}.
 */
export interface DataSpace {
  /** The domain's network may have to be opened first: then a promise. @throws RosehipError, also as a rejection */
  createParticipant(request: ParticipantRequest): ParticipantEntity | Promise<ParticipantEntity>;
}

export interface ParticipantRequest {
  readonly domainId: number;
  /** Name as the client gave it, if it did. */
  readonly name: string | undefined;
  readonly clientKey: number;
  /** Where the client is, as its transport names it. */
  readonly peer: string;
}

/** Who asked: the identity a reply has to be related to. `guid` is 16 octets. */
export interface RequestIdentity {
  readonly guid: Uint8Array;
  readonly sequenceNumber: bigint;
}

export interface EndpointRequest {
  readonly topic: string;
  readonly type: string;
  readonly qos: EndpointQos;
  readonly userData: Uint8Array | undefined;
  readonly typeDigest: Uint8Array | undefined;
}

export interface ServiceRequest {
  readonly serviceName: string;
  readonly requestType: string;
  readonly replyType: string;
  readonly requestTopic: string;
  readonly replyTopic: string;
  readonly requestTypeDigest: Uint8Array | undefined;
  readonly replyTypeDigest: Uint8Array | undefined;
}

/** A callback that takes a sample gives false if it cannot now: then `resume()` offers it again. */
export type OnSample = (payload: Uint8Array, littleEndian: boolean) => boolean;
export type OnRequest = (identity: RequestIdentity, payload: Uint8Array, littleEndian: boolean) => boolean;
export type OnReply = (requestId: number, payload: Uint8Array, littleEndian: boolean) => boolean;

/**
 * The number of matched remote ends changed (of a requester or replier: servers or clients, with both their endpoints), or
 * whether there are remote ends on the same topic that cannot match.
 */
export type OnMatch = (count: number, mismatched: boolean) => void;

export interface ParticipantEntity {
  /** Name of the node, with its namespace. */
  readonly nodeName: string;
  /** @throws RosehipError if name, type or QoS cannot be; also below */
  createWriter(request: EndpointRequest, onSpace: () => void, onMatch: OnMatch): WriterEntity;
  createReader(request: EndpointRequest, onSample: OnSample, onMatch: OnMatch): ReaderEntity;
  createRequester(
    request: ServiceRequest,
    onReply: OnReply,
    onSpace: () => void,
    onMatch: OnMatch,
  ): RequesterEntity;
  createReplier(
    request: ServiceRequest,
    onRequest: OnRequest,
    onSpace: () => void,
    onMatch: OnMatch,
  ): ReplierEntity;
  /** It is about to be closed, its endpoints first. */
  leave(): void;
  close(): void;
}

export interface ReaderEntity {
  /** A READ_DATA begins; {@link resume} follows. */
  start?(): void;
  /** Offers samples again that were not taken. */
  resume(): void;
  close(): void;
}

export interface WriterEntity {
  /** @returns false if there is no room now: `onSpace` tells when. @throws RosehipError if it never can be written */
  write(payload: Uint8Array): boolean;
  close(): void;
}

export interface RequesterEntity extends ReaderEntity {
  /** @param requestId comes back with the reply. Returns and throws as {@link WriterEntity.write} */
  request(requestId: number, payload: Uint8Array): boolean;
}

export interface ReplierEntity extends ReaderEntity {
  /** Returns and throws as {@link WriterEntity.write}. */
  reply(identity: RequestIdentity, payload: Uint8Array): boolean;
}
