import type { CdrReader } from "../../cdr/reader.js";
import type { CdrWriter } from "../../cdr/writer.js";

/**
 * What every request carries first (DDS-XRCE 1.0, 7.7.6 BaseObjectRequest): two pairs of octets, most
 * significant first whatever the submessage's endianness.
 */
export interface ObjectRequest {
  readonly requestId: number;
  readonly objectId: number;
}

/** Octets of an {@link ObjectRequest}. */
export const OBJECT_REQUEST_OCTETS = 4;

export const readOctetPair = (reader: CdrReader): number => (reader.u8() << 8) | reader.u8();

export function writeOctetPair(writer: CdrWriter, value: number): void {
  writer.u8(value >>> 8);
  writer.u8(value);
}

export const readObjectRequest = (reader: CdrReader): ObjectRequest => ({
  requestId: readOctetPair(reader),
  objectId: readOctetPair(reader),
});

export function writeObjectRequest(writer: CdrWriter, request: ObjectRequest): void {
  writeOctetPair(writer, request.requestId);
  writeOctetPair(writer, request.objectId);
}

/** ResultStatus (7.7.7): the status and a value of the implementation's own. */
export interface ResultStatus {
  readonly status: number;
  readonly implementationStatus: number;
}

export const readResult = (reader: CdrReader): ResultStatus => ({
  status: reader.u8(),
  implementationStatus: reader.u8(),
});

export function writeResult(writer: CdrWriter, result: ResultStatus): void {
  writer.u8(result.status);
  writer.u8(result.implementationStatus);
}
