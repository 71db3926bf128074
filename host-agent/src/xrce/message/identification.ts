import type { CdrReader } from "../../cdr/reader.js";
import type { CdrWriter } from "../../cdr/writer.js";
import { LIMITS } from "../../limits.js";

/** Cookie, version and vendor: the start of CLIENT_Representation and AGENT_Representation (7.8.2). */
export interface Identification {
  /** Four octets, most significant first; "XRCE" from a peer that speaks DDS-XRCE. */
  readonly cookie: number;
  readonly versionMajor: number;
  readonly versionMinor: number;
  readonly vendor: number;
}

export interface Property {
  readonly name: string;
  readonly value: string;
}

export function readIdentification(reader: CdrReader): Identification {
  const cookie = readOctets4(reader);
  const versionMajor = reader.u8();
  const versionMinor = reader.u8();
  return { cookie, versionMajor, versionMinor, vendor: (reader.u8() << 8) | reader.u8() };
}

export function writeIdentification(writer: CdrWriter, value: Identification): void {
  writeOctets4(writer, value.cookie);
  writer.u8(value.versionMajor);
  writer.u8(value.versionMinor);
  writer.u8(value.vendor >>> 8);
  writer.u8(value.vendor);
}

/** Four octets, most significant first, unaligned: cookies and client keys. */
export const readOctets4 = (reader: CdrReader): number =>
  ((reader.u8() << 24) | (reader.u8() << 16) | (reader.u8() << 8) | reader.u8()) >>> 0;

export function writeOctets4(writer: CdrWriter, value: number): void {
  for (let shift = 24; shift >= 0; shift -= 8) writer.u8(value >>> shift);
}

/** `@optional PropertySeq`: undefined if absent. */
export function readProperties(reader: CdrReader): Property[] | undefined {
  if (!reader.boolean()) return undefined;
  const count = reader.length(8, LIMITS.clientProperties);
  const properties: Property[] = [];
  for (let i = 0; i < count; i++) {
    const name = reader.string(LIMITS.clientPropertyOctets);
    properties.push({ name, value: reader.string(LIMITS.clientPropertyOctets) });
  }
  return properties;
}

export function writeProperties(writer: CdrWriter, properties: readonly Property[] | undefined): void {
  writer.boolean(properties !== undefined);
  if (properties === undefined) return;
  writer.u32(properties.length);
  for (const { name, value } of properties) {
    writer.string(name);
    writer.string(value);
  }
}
