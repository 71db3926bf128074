import type { CdrReader } from "../../cdr/reader.js";
import type { CdrWriter } from "../../cdr/writer.js";
import { DecodeError } from "../../errors.js";
import { LIMITS } from "../../limits.js";
import {
  type ObjectRequest,
  readObjectRequest,
  readOctetPair,
  writeObjectRequest,
  writeOctetPair,
} from "./base.js";
import { ObjectKind } from "./object-id.js";
import { FLAG_REPLACE, FLAG_REUSE } from "./protocol.js";

/** The three ways to describe an object (DDS-XRCE 1.0, 7.7.11, `RepresentationFormat`). */
export type Representation =
  | { readonly format: "reference"; readonly reference: string }
  | { readonly format: "xml"; readonly xml: string }
  | { readonly format: "binary"; readonly octets: Uint8Array };

const FORMATS = { reference: 1, xml: 2, binary: 3 } as const;

/** CREATE (DDS-XRCE 1.0, 8.3.5.2). */
export interface Create extends ObjectRequest {
  readonly kind: "create";
  readonly reuse: boolean;
  readonly replace: boolean;
  readonly objectKind: number;
  /** Binary octets are borrowed. */
  readonly representation: Representation;
  /** Participants only. */
  readonly domainId?: number;
  /** Object id of the parent; all but participants. */
  readonly parentId?: number;
}

export function decodeCreate(reader: CdrReader, flags: number): Create {
  const request = readObjectRequest(reader);
  const objectKind = reader.u8();
  const format = reader.u8();
  const representation = readRepresentation(reader, format);
  const mode = { reuse: (flags & FLAG_REUSE) !== 0, replace: (flags & FLAG_REPLACE) !== 0 };
  const create = { kind: "create" as const, ...request, ...mode, objectKind, representation };
  if (objectKind === ObjectKind.PARTICIPANT) return { ...create, domainId: reader.i16() };
  return { ...create, parentId: readOctetPair(reader) };
}

function readRepresentation(reader: CdrReader, format: number): Representation {
  if (format === FORMATS.reference) {
    return { format: "reference", reference: reader.string(LIMITS.representationOctets) };
  }
  if (format === FORMATS.xml) return { format: "xml", xml: reader.string(LIMITS.representationOctets) };
  if (format === FORMATS.binary) {
    return { format: "binary", octets: reader.borrow(reader.length(1, LIMITS.representationOctets)) };
  }
  throw new DecodeError(
    "XRCE_REPRESENTATION",
    `${format} is no representation format`,
    reader.offset - 1,
    "7.7.11",
  );
}

export function encodeCreate(writer: CdrWriter, value: Create): void {
  writeObjectRequest(writer, value);
  writer.u8(value.objectKind);
  const { representation } = value;
  writer.u8(FORMATS[representation.format]);
  if (representation.format === "reference") writer.string(representation.reference);
  else if (representation.format === "xml") writer.string(representation.xml);
  else {
    writer.u32(representation.octets.byteLength);
    writer.raw(representation.octets);
  }
  if (value.domainId !== undefined) writer.i16(value.domainId);
  else writeOctetPair(writer, value.parentId ?? 0);
}

export const createFlags = (value: Create): number =>
  (value.reuse ? FLAG_REUSE : 0) | (value.replace ? FLAG_REPLACE : 0);
