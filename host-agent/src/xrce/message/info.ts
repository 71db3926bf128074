import type { CdrReader } from "../../cdr/reader.js";
import type { CdrWriter } from "../../cdr/writer.js";
import { DecodeError } from "../../errors.js";
import { LIMITS } from "../../limits.js";
import {
  type ObjectRequest,
  type ResultStatus,
  readObjectRequest,
  readResult,
  writeObjectRequest,
  writeResult,
} from "./base.js";
import {
  type Identification,
  type Property,
  readIdentification,
  readProperties,
  writeIdentification,
  writeProperties,
} from "./identification.js";
import { ObjectKind } from "./object-id.js";

/** AGENT_ActivityInfo (DDS-XRCE 1.0, 7.7.14). Transport addresses are counted on decoding, never sent. */
export interface AgentActivity {
  readonly availability: number;
  readonly addresses: number;
}

/** INFO (8.3.5.7). Both optional parts describe the agent; other objects answer with the result alone. */
export interface Info extends ObjectRequest, ResultStatus {
  readonly kind: "info";
  readonly configuration?: Identification & { readonly properties?: readonly Property[] };
  readonly activity?: AgentActivity;
}

export function decodeInfo(reader: CdrReader): Info {
  const base = { kind: "info" as const, ...readObjectRequest(reader), ...readResult(reader) };
  const configuration = reader.boolean() ? readConfiguration(reader) : undefined;
  const activity = reader.boolean() ? readActivity(reader) : undefined;
  return {
    ...base,
    ...(configuration === undefined ? {} : { configuration }),
    ...(activity === undefined ? {} : { activity }),
  };
}

function readAgentKind(reader: CdrReader): void {
  const kind = reader.u8();
  if (kind === ObjectKind.AGENT) return;
  throw new DecodeError(
    "XRCE_INFO",
    `information about object kind ${kind} is not understood`,
    reader.offset - 1,
  );
}

function readConfiguration(reader: CdrReader): NonNullable<Info["configuration"]> {
  readAgentKind(reader);
  const identification = readIdentification(reader);
  const properties = readProperties(reader);
  return { ...identification, ...(properties === undefined ? {} : { properties }) };
}

function readActivity(reader: CdrReader): AgentActivity {
  readAgentKind(reader);
  const availability = reader.i16();
  return { availability, addresses: reader.length(1, LIMITS.infoAddresses) };
}

export function encodeInfo(writer: CdrWriter, value: Info): void {
  writeObjectRequest(writer, value);
  writeResult(writer, value);
  writer.boolean(value.configuration !== undefined);
  if (value.configuration !== undefined) {
    writer.u8(ObjectKind.AGENT);
    writeIdentification(writer, value.configuration);
    writeProperties(writer, value.configuration.properties);
  }
  writer.boolean(value.activity !== undefined);
  if (value.activity === undefined) return;
  writer.u8(ObjectKind.AGENT);
  writer.i16(value.activity.availability);
  writer.u32(0);
}
