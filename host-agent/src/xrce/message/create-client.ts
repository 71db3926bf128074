import type { CdrReader } from "../../cdr/reader.js";
import type { CdrWriter } from "../../cdr/writer.js";
import {
  type Identification,
  type Property,
  readIdentification,
  readOctets4,
  readProperties,
  writeIdentification,
  writeOctets4,
  writeProperties,
} from "./identification.js";

/** CREATE_CLIENT (DDS-XRCE 1.0, 8.3.5.1): CLIENT_Representation. */
export interface CreateClient extends Identification {
  readonly kind: "create_client";
  readonly clientKey: number;
  readonly sessionId: number;
  readonly properties?: readonly Property[];
  /** Largest message the client takes, in octets. */
  readonly mtu: number;
}

/** Rosehip's firmware says so by the property `rosehip` = `1`. */
export const isRosehip = ({ properties }: CreateClient): boolean =>
  properties?.some(({ name, value }) => name === "rosehip" && value === "1") === true;

export function decodeCreateClient(reader: CdrReader): CreateClient {
  const identification = readIdentification(reader);
  const clientKey = readOctets4(reader);
  const sessionId = reader.u8();
  const properties = readProperties(reader);
  const mtu = reader.u16();
  const optional = properties === undefined ? {} : { properties };
  return { kind: "create_client", ...identification, clientKey, sessionId, ...optional, mtu };
}

export function encodeCreateClient(writer: CdrWriter, value: CreateClient): void {
  writeIdentification(writer, value);
  writeOctets4(writer, value.clientKey);
  writer.u8(value.sessionId);
  writeProperties(writer, value.properties);
  writer.u16(value.mtu);
}
