import type { EndpointDescription, Qos } from "../../bridge/network.js";
import type { CdrReader } from "../../cdr/reader.js";
import type { CdrWriter } from "../../cdr/writer.js";
import { DecodeError } from "../../errors.js";
import { MAX_NAME_OCTETS } from "../limits.js";
import { writeParameter } from "../messages/parameter-list.js";
import { ENTITYID_PARTICIPANT } from "../structure/entity-id.js";
import { type Guid, guidFromBytes, guidToBytes } from "../structure/guid.js";
import { type Locator, readLocator } from "../structure/locator.js";
import { PID } from "../structure/parameter-id.js";
import { readDuration, writeDuration } from "../structure/time.js";
import { addLocator, openParameterList, parameterListPayload } from "./payload.js";
import { readUserData, writeUserData } from "./user-data.js";

/** Ascending, so that an index tells the stronger of two (DDS 1.4, 2.2.3). The number on the wire is the index. */
export const DURABILITY = ["volatile", "transient_local", "transient", "persistent"] as const;
export const LIVELINESS = ["automatic", "manual_by_participant", "manual_by_topic"] as const;
const OWNERSHIP = ["shared", "exclusive"] as const;
/** RELIABILITY on the wire (DDSI-RTPS 2.5, Table 9.14): 1 and 2, not the 0 and 1 of DDS. */
const BEST_EFFORT = 1;
const RELIABLE = 2;
/** max_blocking_time announced, as rmw does; it has no meaning for the other end. */
const MAX_BLOCKING = 100_000_000n;

/** DataRepresentationId_t (DDS-XTypes 1.3, 7.6.3.1.1). */
export const REPRESENTATION_XCDR1 = 0;

/** The policies of a discovered endpoint that take part in matching. Durations in nanoseconds, absent: infinite. */
export interface EndpointQos {
  readonly reliability: "reliable" | "best_effort";
  readonly durability: (typeof DURABILITY)[number];
  readonly deadline?: bigint;
  readonly lifespan?: bigint;
  readonly liveliness: (typeof LIVELINESS)[number];
  readonly livelinessLease?: bigint;
  readonly ownership: (typeof OWNERSHIP)[number];
  /** Empty is the default partition. */
  readonly partitions: readonly string[];
  readonly representations: readonly number[];
}

/** DiscoveredWriterData or DiscoveredReaderData (DDSI-RTPS 2.5, 8.5.4.4 and Table 9.20). */
export interface EndpointData {
  readonly kind: "writer" | "reader";
  readonly guid: Guid;
  readonly topic: string;
  readonly type: string;
  /** `RIHS01_…` from the USER_DATA. */
  readonly typeHash?: string;
  readonly qos: EndpointQos;
  /** Locators of its own; empty: the participant's defaults. */
  readonly unicast: readonly Locator[];
}

/** What is announced of an endpoint of ours. */
export function ownEndpointData(
  kind: EndpointData["kind"],
  guid: Guid,
  { topic, type, typeHash, qos }: EndpointDescription,
): EndpointData {
  return {
    kind,
    guid,
    topic,
    type,
    qos: announcedQos(qos),
    unicast: [],
    ...(typeHash !== undefined && { typeHash }),
  };
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

type Mutable<T> = { -readonly [K in keyof T]?: T[K] | undefined };

/** @throws DecodeError if GUID, topic or type is missing, or a policy has an unknown value */
export function decodeEndpointData(kind: EndpointData["kind"], payload: Uint8Array): EndpointData {
  const list = openParameterList(payload);
  const unicast: Locator[] = [];
  const found: Mutable<Omit<EndpointData, "qos">> = {};
  const qos: Mutable<EndpointQos> = {};
  while (list.next()) {
    const { value } = list;
    switch (list.id) {
      case PID.endpointGuid:
        found.guid = guidFromBytes(value.borrow(16));
        break;
      case PID.topicName:
        found.topic = value.string(MAX_NAME_OCTETS);
        break;
      case PID.typeName:
        found.type = value.string(MAX_NAME_OCTETS);
        break;
      case PID.userData:
        found.typeHash = readUserData(value).get("typehash");
        break;
      case PID.unicastLocator:
        addLocator(unicast, readLocator(value));
        break;
      default:
        decodePolicy(qos, list.id, value);
    }
  }
  const { guid, topic, type, typeHash } = found;
  if (guid === undefined || topic === undefined || type === undefined) {
    throw new DecodeError("RTPS_ENDPOINT", "GUID, topic or type is missing", 0, "DDSI-RTPS 2.5, 8.5.4.4");
  }
  return {
    kind,
    guid,
    topic,
    type,
    unicast,
    qos: withDefaults(kind, qos),
    ...(typeHash !== undefined && { typeHash }),
  };
}

function decodePolicy(qos: Mutable<EndpointQos>, id: number, value: CdrReader): void {
  switch (id) {
    case PID.reliability:
      // Some vendors number it 0 and 1 plus flags; anything above best effort is reliable.
      qos.reliability = value.u32() >= RELIABLE ? "reliable" : "best_effort";
      break;
    case PID.durability:
      qos.durability = pick(DURABILITY, value);
      break;
    case PID.deadline:
      qos.deadline = readDuration(value);
      break;
    case PID.lifespan:
      qos.lifespan = readDuration(value);
      break;
    case PID.liveliness:
      qos.liveliness = pick(LIVELINESS, value);
      qos.livelinessLease = readDuration(value);
      break;
    case PID.ownership:
      qos.ownership = pick(OWNERSHIP, value);
      break;
    case PID.partition: {
      const count = value.length(4, 256);
      qos.partitions = Array.from({ length: count }, () => {
        value.align(4);
        return value.string(MAX_NAME_OCTETS);
      });
      break;
    }
    case PID.dataRepresentation: {
      const count = value.length(2, 16);
      qos.representations = Array.from({ length: count }, () => value.i16());
      break;
    }
  }
}

function pick<T>(names: readonly T[], value: CdrReader): T {
  const index = value.u32();
  const name = names[index];
  if (name === undefined)
    throw new DecodeError("RTPS_POLICY", `policy kind ${index} is unknown`, value.offset - 4);
  return name;
}

/** DDS 1.4, 2.2.3: what a parameter that is left out means. */
function withDefaults(kind: EndpointData["kind"], qos: Mutable<EndpointQos>): EndpointQos {
  const { deadline, lifespan, livelinessLease } = qos;
  return {
    reliability: qos.reliability ?? (kind === "writer" ? "reliable" : "best_effort"),
    durability: qos.durability ?? "volatile",
    liveliness: qos.liveliness ?? "automatic",
    ownership: qos.ownership ?? "shared",
    partitions: qos.partitions ?? [],
    representations: qos.representations?.length ? qos.representations : [REPRESENTATION_XCDR1],
    ...(deadline !== undefined && { deadline }),
    ...(lifespan !== undefined && { lifespan }),
    ...(livelinessLease !== undefined && { livelinessLease }),
  };
}

export function encodeEndpointData(endpoint: EndpointData): Uint8Array {
  const { guid, qos, typeHash } = endpoint;
  return parameterListPayload((out) => {
    writeParameter(out, PID.endpointGuid, (value) => value.raw(guidToBytes(guid)));
    if (endpoint.kind === "reader")
      writeParameter(out, PID.expectsInlineQos, (value) => value.boolean(false));
    const participant = guidToBytes({ prefix: guid.prefix, entityId: ENTITYID_PARTICIPANT });
    writeParameter(out, PID.participantGuid, (value) => value.raw(participant));
    writeParameter(out, PID.topicName, (value) => value.string(endpoint.topic));
    writeParameter(out, PID.typeName, (value) => value.string(endpoint.type));
    writeParameter(out, PID.keyHash, (value) => value.raw(guidToBytes(guid)));
    encodePolicies(out, qos);
    if (typeHash !== undefined) {
      writeParameter(out, PID.userData, (value) => writeUserData(value, `typehash=${typeHash};`));
    }
    writeParameter(out, PID.dataRepresentation, (value) => {
      value.u32(qos.representations.length);
      for (const representation of qos.representations) value.i16(representation);
    });
  });
}

function encodePolicies(out: CdrWriter, qos: EndpointQos): void {
  writeParameter(out, PID.reliability, (value) => {
    value.u32(qos.reliability === "reliable" ? RELIABLE : BEST_EFFORT);
    writeDuration(value, MAX_BLOCKING);
  });
  writeParameter(out, PID.durability, (value) => value.u32(DURABILITY.indexOf(qos.durability)));
  writeParameter(out, PID.deadline, (value) => writeDuration(value, qos.deadline));
  writeParameter(out, PID.lifespan, (value) => writeDuration(value, qos.lifespan));
  writeParameter(out, PID.liveliness, (value) => {
    value.u32(LIVELINESS.indexOf(qos.liveliness));
    writeDuration(value, qos.livelinessLease);
  });
  writeParameter(out, PID.ownership, (value) => value.u32(OWNERSHIP.indexOf(qos.ownership)));
}

/** The serialized key of an endpoint that is closed: its GUID. */
export function encodeEndpointKey(guid: Guid): Uint8Array {
  return parameterListPayload((out) => {
    writeParameter(out, PID.endpointGuid, (value) => value.raw(guidToBytes(guid)));
  });
}

/** The GUID in a serialized key, whichever of the ids the sender put it under. */
export function decodeKey(payload: Uint8Array): Guid | undefined {
  const list = openParameterList(payload);
  while (list.next()) {
    if (list.id === PID.endpointGuid || list.id === PID.participantGuid || list.id === PID.keyHash) {
      return guidFromBytes(list.value.borrow(16));
    }
  }
  return undefined;
}
