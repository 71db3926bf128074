import { DecodeError } from "../../errors.js";
import { writeParameter } from "../messages/parameter-list.js";
import { BUILTIN_ENDPOINTS_OURS, ENTITYID_PARTICIPANT } from "../structure/entity-id.js";
import { type GuidPrefix, guidFromBytes, guidToBytes } from "../structure/guid.js";
import { type Locator, readLocator, writeLocator } from "../structure/locator.js";
import { PID, PID_MUST_UNDERSTAND } from "../structure/parameter-id.js";
import { readDuration, writeDuration } from "../structure/time.js";
import { PROTOCOL_MAJOR, PROTOCOL_MINOR, VENDOR_ROSEHIP, type VendorId } from "../structure/vendor-id.js";
import { addLocator, openParameterList, parameterListPayload } from "./payload.js";
import { readUserData, writeUserData } from "./user-data.js";

/** SPDPdiscoveredParticipantData (DDSI-RTPS 2.5, 8.5.3.2 and Table 9.19), as far as it is used. */
export interface ParticipantData {
  readonly prefix: GuidPrefix;
  readonly vendor: VendorId;
  readonly metatrafficUnicast: readonly Locator[];
  readonly defaultUnicast: readonly Locator[];
  /** Nanoseconds; undefined is infinite. */
  readonly lease: bigint | undefined;
  /** BuiltinEndpointSet_t: bits of BUILTIN. */
  readonly builtinEndpoints: number;
  /** Absent if not announced. */
  readonly domainId?: number;
  /** Participants of different tags do not see each other (9.6.2.2.2); "" unless set. */
  readonly domainTag: string;
  readonly enclave?: string;
}

/** Lease of a participant that announces none (Table 9.19). */
const DEFAULT_LEASE = 100_000_000_000n;

/** @throws DecodeError if it has no GUID or cannot be understood */
export function decodeParticipantData(payload: Uint8Array): ParticipantData {
  const list = openParameterList(payload);
  const metatrafficUnicast: Locator[] = [];
  const defaultUnicast: Locator[] = [];
  const found: { -readonly [K in keyof ParticipantData]?: ParticipantData[K] } = { lease: DEFAULT_LEASE };
  while (list.next()) {
    const { value } = list;
    switch (list.id) {
      case PID.participantGuid:
        found.prefix = guidFromBytes(value.borrow(16)).prefix;
        break;
      case PID.vendorId:
        found.vendor = (value.u8() << 8) | value.u8();
        break;
      case PID.metatrafficUnicastLocator:
        addLocator(metatrafficUnicast, readLocator(value));
        break;
      case PID.defaultUnicastLocator:
        addLocator(defaultUnicast, readLocator(value));
        break;
      case PID.participantLeaseDuration:
        found.lease = readDuration(value);
        break;
      case PID.builtinEndpointSet:
        found.builtinEndpoints = value.u32();
        break;
      case PID.domainId:
        found.domainId = value.u32();
        break;
      case PID.domainTag:
        found.domainTag = value.string();
        break;
      case PID.userData: {
        const enclave = readUserData(value).get("enclave");
        if (enclave !== undefined) found.enclave = enclave;
        break;
      }
      default:
        refuseIfNeeded(list.id);
    }
  }
  const { prefix, vendor = 0, builtinEndpoints = 0, lease, domainTag = "", domainId, enclave } = found;
  if (prefix === undefined)
    throw new DecodeError("RTPS_PARTICIPANT", "no PID_PARTICIPANT_GUID", 0, "8.5.3.2");
  return {
    prefix,
    vendor,
    metatrafficUnicast,
    defaultUnicast,
    lease,
    builtinEndpoints,
    domainTag,
    ...(domainId !== undefined && { domainId }),
    ...(enclave !== undefined && { enclave }),
  };
}

/** 9.6.2.2.1: who does not understand a parameter that must be understood does not know the participant. */
function refuseIfNeeded(id: number): void {
  if (id < 0x8000 && (id & PID_MUST_UNDERSTAND) !== 0) {
    throw new DecodeError(
      "RTPS_PARAMETER",
      `parameter 0x${id.toString(16)} must be understood`,
      0,
      "9.6.2.2.1",
    );
  }
}

export interface OwnParticipant {
  readonly prefix: GuidPrefix;
  readonly domainId: number;
  readonly metatrafficUnicast: readonly Locator[];
  readonly defaultUnicast: readonly Locator[];
  /** Nanoseconds. */
  readonly lease: bigint;
  readonly enclave: string;
}

export function encodeParticipantData(own: OwnParticipant): Uint8Array {
  return parameterListPayload((out) => {
    writeParameter(out, PID.protocolVersion, (value) => {
      value.u8(PROTOCOL_MAJOR);
      value.u8(PROTOCOL_MINOR);
    });
    writeParameter(out, PID.vendorId, (value) => {
      value.u8(VENDOR_ROSEHIP >> 8);
      value.u8(VENDOR_ROSEHIP & 0xff);
    });
    writeParameter(out, PID.domainId, (value) => value.u32(own.domainId));
    const guid = guidToBytes({ prefix: own.prefix, entityId: ENTITYID_PARTICIPANT });
    writeParameter(out, PID.participantGuid, (value) => value.raw(guid));
    for (const locator of own.metatrafficUnicast) {
      writeParameter(out, PID.metatrafficUnicastLocator, (value) => writeLocator(value, locator));
    }
    for (const locator of own.defaultUnicast) {
      writeParameter(out, PID.defaultUnicastLocator, (value) => writeLocator(value, locator));
    }
    writeParameter(out, PID.participantLeaseDuration, (value) => writeDuration(value, own.lease));
    writeParameter(out, PID.builtinEndpointSet, (value) => value.u32(BUILTIN_ENDPOINTS_OURS));
    writeParameter(out, PID.entityName, (value) => value.string("/"));
    writeParameter(out, PID.userData, (value) => writeUserData(value, `enclave=${own.enclave};\0`));
  });
}

/** The serialized key of a participant that leaves: its GUID. */
export function encodeParticipantKey(prefix: GuidPrefix): Uint8Array {
  return parameterListPayload((out) => {
    const guid = guidToBytes({ prefix, entityId: ENTITYID_PARTICIPANT });
    writeParameter(out, PID.participantGuid, (value) => value.raw(guid));
  });
}
