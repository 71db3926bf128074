import { OBJECT_REQUEST_OCTETS } from "../message/base.js";
import type { Create } from "../message/create.js";
import { ObjectKind } from "../message/object-id.js";
import { decodeBinary } from "../message/representation/binary.js";
import { invalidRepresentation, type ObjectDescription } from "../message/representation/description.js";
import type { References } from "../message/representation/reference.js";
import { decodeXml } from "../message/representation/xml.js";
import type { Timers } from "../session/timers.js";
import type {
  DataSpace,
  EndpointRequest,
  OnMatch,
  ParticipantEntity,
  RequestIdentity,
  ServiceRequest,
} from "./data-space.js";
import { Delivery } from "./delivery.js";
import type { ParticipantObject, ReadableObject, XrceObject } from "./object.js";
import { encodeSampleIdentity } from "./sample-identity.js";

export interface DataSender {
  /**
   * Sends one DATA to the client.
   * @param prefix octets before the payload
   * @returns false if its stream has no room: the reader is resumed when it has
   */
  send(reader: ReadableObject, prefix: Uint8Array, payload: Uint8Array, littleEndian: boolean): boolean;
}

/** What objects need of the client they belong to. */
export interface ObjectHost {
  readonly clientKey: number;
  /** Where the client is. */
  readonly peerKey: string;
  readonly timers: Timers;
  readonly dataSpace: DataSpace;
  readonly references: References;
  /** Domain that stands for the domain id 255. */
  readonly domainOverride: number;
  readonly data: DataSender;
  /** A writer that had no room has it again. */
  onWriterSpace(): void;
  /** See {@link OnMatch}. */
  onMatch(objectId: number, count: number, mismatched: boolean): void;
  onDeleted(objectId: number): void;
}

const NO_PREFIX = new Uint8Array(0);
const PARTICIPANT_ONLY = [ObjectKind.PARTICIPANT];
/** Kinds of object that may be the parent of each kind (DDS-XRCE 1.0, 7.7.3). */
export const PARENT_KINDS: Readonly<Record<ObjectDescription["kind"], readonly number[]>> = {
  participant: [],
  topic: PARTICIPANT_ONLY,
  publisher: PARTICIPANT_ONLY,
  subscriber: PARTICIPANT_ONLY,
  requester: PARTICIPANT_ONLY,
  replier: PARTICIPANT_ONLY,
  datawriter: [ObjectKind.PUBLISHER],
  datareader: [ObjectKind.SUBSCRIBER],
};

/** @returns undefined for a reference to an unknown profile. @throws DecodeError, RosehipError XRCE_REPRESENTATION */
export function describe(
  create: Create,
  littleEndian: boolean,
  references: References,
): ObjectDescription | undefined {
  const { representation } = create;
  if (representation.format === "xml") return decodeXml(create.objectKind, representation.xml);
  if (representation.format === "reference") {
    return references.find(create.objectKind, representation.reference);
  }
  return decodeBinary(create.objectKind, representation.octets, littleEndian);
}

export interface ObjectPlace {
  readonly id: number;
  readonly parentId: number;
  readonly domainId: number;
}

/** @throws RosehipError, also as a rejection */
export function createParticipant(
  host: ObjectHost,
  place: ObjectPlace,
  description: ObjectDescription & { readonly kind: "participant" },
): ParticipantObject | Promise<ParticipantObject> {
  const { domainId } = place;
  const request = { domainId, name: description.name, clientKey: host.clientKey, peer: host.peerKey };
  const entity = host.dataSpace.createParticipant(request);
  const object = (ready: ParticipantEntity): ParticipantObject => ({
    kind: "participant",
    ...place,
    description,
    entity: ready,
  });
  return entity instanceof Promise ? entity.then(object) : object(entity);
}

/**
 * Creates any object but a participant.
 * @param resolve name and type of a topic object, undefined if there is none
 * @throws RosehipError
 */
export function createObject(
  host: ObjectHost,
  place: ObjectPlace,
  description: Exclude<ObjectDescription, { readonly kind: "participant" }>,
  participant: ParticipantEntity,
  resolve: (topicId: number) => { readonly name: string; readonly type: string } | undefined,
): XrceObject {
  switch (description.kind) {
    case "topic":
      return { kind: "topic", ...place, description, name: description.name, type: description.type };
    case "publisher":
    case "subscriber":
      return { kind: description.kind, ...place, description };
    case "datawriter":
    case "datareader": {
      const { topic } = description;
      const resolved = "topicId" in topic ? resolve(topic.topicId) : topic;
      if (resolved === undefined) return invalidRepresentation("the topic object does not exist");
      const request: EndpointRequest = {
        topic: resolved.name,
        type: resolved.type,
        qos: description.qos,
        userData: description.userData,
        typeDigest: description.typeDigest,
      };
      if (description.kind === "datareader")
        return createDataReader(host, place, description, participant, request);
      const entity = participant.createWriter(request, () => host.onWriterSpace(), onMatch(host, place));
      return { kind: "datawriter", ...place, description, entity };
    }
    default:
      return createService(host, place, description, participant);
  }
}

function createDataReader(
  host: ObjectHost,
  place: ObjectPlace,
  description: ObjectDescription,
  participant: ParticipantEntity,
  request: EndpointRequest,
): XrceObject {
  // Callbacks never come out of the creating call (data-space.ts), so `object` is there when they do.
  let object: ReadableObject;
  const delivery = new Delivery(host.timers, () => object.entity.resume());
  const onSample = (payload: Uint8Array, littleEndian: boolean) =>
    deliver(host, object, NO_PREFIX, payload, littleEndian);
  const entity = participant.createReader(request, onSample, onMatch(host, place));
  object = { kind: "datareader", ...place, description, delivery, entity };
  return object;
}

function createService(
  host: ObjectHost,
  place: ObjectPlace,
  description: ObjectDescription & { readonly kind: "requester" | "replier" },
  participant: ParticipantEntity,
): XrceObject {
  const request: ServiceRequest = {
    serviceName: description.serviceName,
    requestType: description.requestType,
    replyType: description.replyType,
    requestTopic: description.requestTopic,
    replyTopic: description.replyTopic,
    requestTypeDigest: description.requestTypeDigest,
    replyTypeDigest: description.replyTypeDigest,
  };
  let object: ReadableObject;
  const delivery = new Delivery(host.timers, () => object.entity.resume());
  const onSpace = () => host.onWriterSpace();
  if (description.kind === "replier") {
    const onRequest = (identity: RequestIdentity, payload: Uint8Array, littleEndian: boolean) =>
      deliver(host, object, encodeSampleIdentity(identity, littleEndian), payload, littleEndian);
    const entity = participant.createReplier(request, onRequest, onSpace, onMatch(host, place));
    object = { kind: "replier", ...place, description, delivery, entity };
    return object;
  }
  // A reply comes after the BaseObjectRequest of the WRITE_DATA it answers.
  const prefix = new Uint8Array(OBJECT_REQUEST_OCTETS);
  prefix[2] = place.id >>> 8;
  prefix[3] = place.id;
  const onReply = (requestId: number, payload: Uint8Array, littleEndian: boolean) => {
    prefix[0] = requestId >>> 8;
    prefix[1] = requestId;
    return deliver(host, object, prefix, payload, littleEndian);
  };
  const entity = participant.createRequester(request, onReply, onSpace, onMatch(host, place));
  object = { kind: "requester", ...place, description, delivery, entity };
  return object;
}

const onMatch =
  (host: ObjectHost, { id }: ObjectPlace): OnMatch =>
  (count, mismatched) =>
    host.onMatch(id, count, mismatched);

function deliver(
  host: ObjectHost,
  object: ReadableObject,
  prefix: Uint8Array,
  payload: Uint8Array,
  littleEndian: boolean,
): boolean {
  if (!object.delivery.mayDeliver()) return false;
  if (!host.data.send(object, prefix, payload, littleEndian)) return false;
  object.delivery.delivered(payload.byteLength);
  return true;
}
