import type { CdrReader } from "../../cdr/reader.js";
import type { CdrWriter } from "../../cdr/writer.js";
import { LIMITS } from "../../limits.js";
import { type ObjectRequest, readObjectRequest, writeObjectRequest } from "./base.js";

/** DataDeliveryControl (DDS-XRCE 1.0, 7.7.13). */
export interface DeliveryControl {
  /** 0 cancels the delivery, 0xFFFF is unlimited. */
  readonly maxSamples: number;
  /** Seconds until the delivery ends; 0 is unlimited. */
  readonly maxElapsedSeconds: number;
  /** Octets of payload; 0 is unlimited. */
  readonly maxBytesPerSecond: number;
  /** Milliseconds between samples; 0 is none. */
  readonly minPaceMs: number;
}

export const MAX_SAMPLES_UNLIMITED = 0xffff;

/** READ_DATA (8.3.5.9). Without delivery control it asks for one sample. */
export interface ReadData extends ObjectRequest {
  readonly kind: "read_data";
  /** Stream on which the DATA is to come. */
  readonly preferredStream: number;
  readonly format: number;
  readonly contentFilter?: string;
  readonly delivery?: DeliveryControl;
}

export function decodeReadData(reader: CdrReader): ReadData {
  const request = readObjectRequest(reader);
  const preferredStream = reader.u8();
  const format = reader.u8();
  const contentFilter = reader.boolean() ? reader.string(LIMITS.representationOctets) : undefined;
  const delivery = reader.boolean() ? readDelivery(reader) : undefined;
  return {
    kind: "read_data",
    ...request,
    preferredStream,
    format,
    ...(contentFilter === undefined ? {} : { contentFilter }),
    ...(delivery === undefined ? {} : { delivery }),
  };
}

const readDelivery = (reader: CdrReader): DeliveryControl => ({
  maxSamples: reader.u16(),
  maxElapsedSeconds: reader.u16(),
  maxBytesPerSecond: reader.u16(),
  minPaceMs: reader.u16(),
});

export function encodeReadData(writer: CdrWriter, value: ReadData): void {
  writeObjectRequest(writer, value);
  writer.u8(value.preferredStream);
  writer.u8(value.format);
  writer.boolean(value.contentFilter !== undefined);
  if (value.contentFilter !== undefined) writer.string(value.contentFilter);
  writer.boolean(value.delivery !== undefined);
  if (value.delivery === undefined) return;
  writer.u16(value.delivery.maxSamples);
  writer.u16(value.delivery.maxElapsedSeconds);
  writer.u16(value.delivery.maxBytesPerSecond);
  writer.u16(value.delivery.minPaceMs);
}
