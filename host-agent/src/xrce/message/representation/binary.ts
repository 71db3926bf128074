import { CdrReader } from "../../../cdr/reader.js";
import { LIMITS } from "../../../limits.js";
import { readOctetPair } from "../base.js";
import { ObjectKind } from "../object-id.js";
import {
  DEFAULT_QOS,
  type EndpointQos,
  invalidRepresentation,
  type ObjectDescription,
} from "./description.js";

/**
 * Binary representations (DDS-XRCE 1.0, 7.7.3 and Annex A `OBJK_*_Binary`): CDR with an origin of its own. Octets
 * after the last standard field are an extension; agents that do not know it ignore it.
 *
 * Rosehip's extension of requesters, repliers and datareaders carries the digest of the type hash (REP-2016), which neither
 * standard field nor topic has room for: aligned to 4, the octets 31 54 48 52, then 32 octets of SHA-256 for each
 * type (request and response; or the one type), all zero for "unknown".
 *
 * That of datawriters and datareaders carries the liveliness, which the standard's fields leave out: aligned to 4, the octets
 * 31 4c 48 52, then two u32: 0 automatic or 1 manual by topic, and the lease in milliseconds, 0 for infinite.
 */
const TYPE_HASH_MAGIC = 0x52485431;
const LIVELINESS_MAGIC = 0x52484c31;
const DIGEST_OCTETS = 32;
const LIVELINESS_OCTETS = 8;

/** @throws DecodeError, RosehipError XRCE_REPRESENTATION */
export function decodeBinary(
  objectKind: number,
  octets: Uint8Array,
  littleEndian: boolean,
): ObjectDescription {
  const reader = new CdrReader(octets, littleEndian);
  switch (objectKind) {
    case ObjectKind.PARTICIPANT:
      return readParticipant(reader);
    case ObjectKind.TOPIC:
      return readTopic(reader);
    case ObjectKind.PUBLISHER:
    case ObjectKind.SUBSCRIBER:
      return readGroup(reader, objectKind === ObjectKind.PUBLISHER ? "publisher" : "subscriber");
    case ObjectKind.DATAWRITER:
      return readEndpoint(reader, "datawriter");
    case ObjectKind.DATAREADER:
      return readEndpoint(reader, "datareader");
    case ObjectKind.REQUESTER:
      return readService(reader, "requester");
    case ObjectKind.REPLIER:
      return readService(reader, "replier");
    default:
      return invalidRepresentation(`objects of kind ${objectKind} have no binary representation`);
  }
}

const name = (reader: CdrReader): string => reader.string(LIMITS.nameOctets);
const optional = <T>(reader: CdrReader, read: () => T): T | undefined =>
  reader.boolean() ? read() : undefined;

/** OBJK_DomainParticipant_Binary: domain reference, QoS profile reference, which Micro XRCE-DDS uses for the name. */
function readParticipant(reader: CdrReader): ObjectDescription {
  optional(reader, () => name(reader));
  const given = optional(reader, () => name(reader));
  return { kind: "participant", ...(given === undefined ? {} : { name: given }) };
}

/** OBJK_Topic_Binary. */
function readTopic(reader: CdrReader): ObjectDescription {
  const topic = name(reader);
  optional(reader, () => name(reader));
  const type = optional(reader, () => name(reader));
  if (type === undefined) return invalidRepresentation(`topic "${topic}" names no type`);
  return { kind: "topic", name: topic, type };
}

/** OBJK_Publisher_Binary and OBJK_Subscriber_Binary: a name, and partitions and group data as QoS. */
function readGroup(reader: CdrReader, kind: "publisher" | "subscriber"): ObjectDescription {
  optional(reader, () => name(reader));
  optional(reader, () => {
    const partitions = optional(reader, () => reader.length(4, 0xff));
    if (partitions !== undefined && partitions > 0) {
      invalidRepresentation(
        `a ${kind} in partitions is not supported`,
        "Leave the partition out; ROS 2 uses none.",
      );
    }
    optional(reader, () => reader.skip(reader.length(1, LIMITS.userDataOctets)));
  });
  return { kind };
}

const FLAG = { RELIABLE: 0x01, KEEP_LAST: 0x02, TRANSIENT_LOCAL: 0x08, TRANSIENT: 0x10, PERSISTENT: 0x20 };

/** OBJK_DataWriter_Binary and OBJK_DataReader_Binary, in Micro XRCE-DDS's form: the topic by object id. */
function readEndpoint(reader: CdrReader, kind: "datawriter" | "datareader"): ObjectDescription {
  const topic = { topicId: readOctetPair(reader) };
  let qos: EndpointQos = DEFAULT_QOS[kind];
  let userData: Uint8Array | undefined;
  if (reader.boolean()) {
    qos = readQos(reader);
    userData = optional(reader, () => new Uint8Array(reader.borrow(reader.length(1, LIMITS.userDataOctets))));
    if (kind === "datawriter") optional(reader, () => reader.u32());
    else readFilters(reader);
  }
  const typeDigest = readDigests(reader, 1)[0];
  const liveliness = readLiveliness(reader);
  return {
    kind,
    topic,
    qos: liveliness === undefined ? qos : { ...qos, liveliness },
    ...(userData === undefined ? {} : { userData }),
    ...(typeDigest === undefined ? {} : { typeDigest }),
  };
}

function readFilters(reader: CdrReader): void {
  optional(reader, () => reader.u64());
  const filter = optional(reader, () => reader.string(LIMITS.representationOctets));
  if (filter === undefined || filter === "") return;
  invalidRepresentation("content filters are not supported", "Filter in the application.");
}

/** OBJK_Endpoint_QosBinary up to, and without, the user data. */
function readQos(reader: CdrReader): EndpointQos {
  const flags = reader.u16();
  const depth = optional(reader, () => reader.u16());
  const deadlineMs = optional(reader, () => reader.u32());
  const lifespanMs = optional(reader, () => reader.u32());
  return {
    reliable: (flags & FLAG.RELIABLE) !== 0,
    durability: durabilityOf(flags),
    keepAll: (flags & FLAG.KEEP_LAST) === 0,
    ...(depth === undefined ? {} : { depth }),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    ...(lifespanMs === undefined ? {} : { lifespanMs }),
  };
}

function durabilityOf(flags: number): EndpointQos["durability"] {
  if ((flags & FLAG.PERSISTENT) !== 0) return "persistent";
  if ((flags & FLAG.TRANSIENT) !== 0) return "transient";
  return (flags & FLAG.TRANSIENT_LOCAL) !== 0 ? "transient_local" : "volatile";
}

/** OBJK_Requester_Binary and OBJK_Replier_Binary. */
function readService(reader: CdrReader, kind: "requester" | "replier"): ObjectDescription {
  const serviceName = name(reader);
  const requestType = name(reader);
  const replyType = name(reader);
  const requestTopic = optional(reader, () => name(reader)) ?? `${serviceName}_Request`;
  const replyTopic = optional(reader, () => name(reader)) ?? `${serviceName}_Reply`;
  const [requestTypeDigest, replyTypeDigest] = readDigests(reader, 2);
  return {
    kind,
    serviceName,
    requestType,
    replyType,
    requestTopic,
    replyTopic,
    ...(requestTypeDigest === undefined ? {} : { requestTypeDigest }),
    ...(replyTypeDigest === undefined ? {} : { replyTypeDigest }),
  };
}

/** Whether an extension of so many octets follows; then the reader is behind its magic. */
function hasExtension(reader: CdrReader, magic: number, octets: number): boolean {
  const padding = -reader.offset & 3;
  if (reader.remaining < padding + 4 + octets) return false;
  if (new CdrReader(reader.bytes.subarray(reader.offset + padding)).u32() !== magic) return false;
  reader.skip(padding + 4);
  return true;
}

/** The digests of the extension; empty if there is none. */
function readDigests(reader: CdrReader, digests: number): (Uint8Array | undefined)[] {
  if (!hasExtension(reader, TYPE_HASH_MAGIC, digests * DIGEST_OCTETS)) return [];
  return Array.from({ length: digests }, () => {
    const digest = reader.borrow(DIGEST_OCTETS);
    return digest.some((octet) => octet !== 0) ? new Uint8Array(digest) : undefined;
  });
}

function readLiveliness(reader: CdrReader): EndpointQos["liveliness"] {
  if (!hasExtension(reader, LIVELINESS_MAGIC, LIVELINESS_OCTETS)) return undefined;
  const manualByTopic = reader.u32() === 1;
  const leaseMs = reader.u32();
  return { manualByTopic, ...(leaseMs === 0 ? {} : { leaseMs }) };
}
