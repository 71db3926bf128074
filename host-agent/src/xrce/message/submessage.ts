import { CdrReader } from "../../cdr/reader.js";
import { CdrWriter } from "../../cdr/writer.js";
import { type Acknack, decodeAcknack, encodeAcknack } from "./acknack.js";
import { type Create, createFlags, decodeCreate, encodeCreate } from "./create.js";
import { type CreateClient, decodeCreateClient, encodeCreateClient } from "./create-client.js";
import { type Data, decodeData, encodeData } from "./data.js";
import { type Delete, decodeDelete, encodeDelete } from "./delete.js";
import { decodeFragment, encodeFragment, type Fragment } from "./fragment.js";
import { decodeGetInfo, encodeGetInfo, type GetInfo } from "./get-info.js";
import { decodeHeartbeat, encodeHeartbeat, type Heartbeat } from "./heartbeat.js";
import { decodeInfo, encodeInfo, type Info } from "./info.js";
import { FLAG_LAST_FRAGMENT, FLAG_LITTLE_ENDIAN, SubmessageId } from "./protocol.js";
import { decodeReadData, encodeReadData, type ReadData } from "./read-data.js";
import { decodeReset, type Reset } from "./reset.js";
import { decodeStatus, encodeStatus, type StatusReply } from "./status.js";
import { decodeStatusAgent, encodeStatusAgent, type StatusAgent } from "./status-agent.js";
import {
  encodeSubmessageHeader,
  isLittleEndian,
  type RawSubmessage,
  SUBMESSAGE_HEADER_OCTETS,
} from "./submessage-header.js";
import { decodeTimestamp, encodeTimestamp, type Timestamp } from "./timestamp.js";
import { decodeTimestampReply, encodeTimestampReply, type TimestampReply } from "./timestamp-reply.js";
import { decodeWriteData, encodeWriteData, type WriteData } from "./write-data.js";

/** Every submessage of DDS-XRCE 1.0, told apart by `kind`. */
export type Submessage =
  | CreateClient
  | Create
  | GetInfo
  | Delete
  | StatusAgent
  | StatusReply
  | Info
  | WriteData
  | ReadData
  | Data
  | Acknack
  | Heartbeat
  | Reset
  | Fragment
  | Timestamp
  | TimestampReply;

const DECODERS: ReadonlyMap<number, (reader: CdrReader, flags: number) => Submessage> = new Map([
  [SubmessageId.CREATE_CLIENT, decodeCreateClient],
  [SubmessageId.CREATE, decodeCreate],
  [SubmessageId.GET_INFO, decodeGetInfo],
  [SubmessageId.DELETE, decodeDelete],
  [SubmessageId.STATUS_AGENT, decodeStatusAgent],
  [SubmessageId.STATUS, decodeStatus],
  [SubmessageId.INFO, decodeInfo],
  [SubmessageId.WRITE_DATA, decodeWriteData],
  [SubmessageId.READ_DATA, decodeReadData],
  [SubmessageId.DATA, decodeData],
  [SubmessageId.ACKNACK, decodeAcknack],
  [SubmessageId.HEARTBEAT, decodeHeartbeat],
  [SubmessageId.RESET, decodeReset],
  [SubmessageId.FRAGMENT, decodeFragment],
  [SubmessageId.TIMESTAMP, decodeTimestamp],
  [SubmessageId.TIMESTAMP_REPLY, decodeTimestampReply],
] as [number, (reader: CdrReader, flags: number) => Submessage][]);

/**
 * Decodes one submessage. Octets after what its kind defines are left alone, so that a later minor version may
 * add to it (DDS-XRCE 1.0, 8.3.3).
 * @returns undefined for an id this version of the protocol does not know
 * @throws DecodeError
 */
export function decodeSubmessage(raw: RawSubmessage): Submessage | undefined {
  return DECODERS.get(raw.id)?.(new CdrReader(raw.body, isLittleEndian(raw.flags)), raw.flags);
}

/** A whole submessage, header included, as it would stand at the start of a message's body. */
export function encodeSubmessage(value: Submessage): Uint8Array {
  const littleEndian = "littleEndian" in value ? value.littleEndian : true;
  const writer = new CdrWriter(littleEndian, 64);
  writer.u32(0); // the header's place
  encodeBody(writer, value);
  const octets = writer.bytes;
  const flags = (littleEndian ? FLAG_LITTLE_ENDIAN : 0) | flagsOf(value);
  encodeSubmessageHeader(octets, 0, idOf(value), flags, octets.byteLength - SUBMESSAGE_HEADER_OCTETS);
  return octets;
}

const idOf = (value: Submessage): number =>
  SubmessageId[value.kind.toUpperCase() as Uppercase<Submessage["kind"]>];

function flagsOf(value: Submessage): number {
  if (value.kind === "create") return createFlags(value);
  if (value.kind === "fragment") return value.last ? FLAG_LAST_FRAGMENT : 0;
  return value.kind === "write_data" || value.kind === "data" ? value.format : 0;
}

function encodeBody(writer: CdrWriter, value: Submessage): void {
  switch (value.kind) {
    case "create_client":
      encodeCreateClient(writer, value);
      return;
    case "create":
      encodeCreate(writer, value);
      return;
    case "get_info":
      encodeGetInfo(writer, value);
      return;
    case "delete":
      encodeDelete(writer, value);
      return;
    case "status_agent":
      encodeStatusAgent(writer, value);
      return;
    case "status":
      encodeStatus(writer, value);
      return;
    case "info":
      encodeInfo(writer, value);
      return;
    case "write_data":
      encodeWriteData(writer, value);
      return;
    case "read_data":
      encodeReadData(writer, value);
      return;
    case "data":
      encodeData(writer, value);
      return;
    case "acknack":
      encodeAcknack(writer, value);
      return;
    case "heartbeat":
      encodeHeartbeat(writer, value);
      return;
    case "reset":
      return;
    case "fragment":
      encodeFragment(writer, value);
      return;
    case "timestamp":
      encodeTimestamp(writer, value);
      return;
    case "timestamp_reply":
      encodeTimestampReply(writer, value);
  }
}
