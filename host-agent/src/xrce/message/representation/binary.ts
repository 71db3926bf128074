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
 */
const EXTENSION_MAGIC = 0x52485431;
const DIGEST_OCTETS = 32;

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
  const typeDigest = readExtension(reader, 1)[0];
  return {
    kind,
    topic,
    qos,
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
  const [requestTypeDigest, replyTypeDigest] = readExtension(reader, 2);
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

/** The digests of the extension; empty if there is none. */
function readExtension(reader: CdrReader, digests: number): (Uint8Array | undefined)[] {
  const padding = -reader.offset & 3;
  if (reader.remaining < padding + 4 + digests * DIGEST_OCTETS) return [];
  reader.align(4);
  if (new CdrReader(reader.borrow(4)).u32() !== EXTENSION_MAGIC) return [];
  return Array.from({ length: digests }, () => {
    const digest = reader.borrow(DIGEST_OCTETS);
    return digest.some((octet) => octet !== 0) ? new Uint8Array(digest) : undefined;
  });
}
