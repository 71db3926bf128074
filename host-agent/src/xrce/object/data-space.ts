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

export interface ParticipantEntity {
  /** @throws RosehipError if name, type or QoS cannot be; also below */
  createWriter(request: EndpointRequest, onSpace: () => void): WriterEntity;
  createReader(request: EndpointRequest, onSample: OnSample): ReaderEntity;
  createRequester(request: ServiceRequest, onReply: OnReply, onSpace: () => void): RequesterEntity;
  createReplier(request: ServiceRequest, onRequest: OnRequest, onSpace: () => void): ReplierEntity;
  close(): void;
}

export interface ReaderEntity {
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
