import type { CdrReader } from "../../cdr/reader.js";
import type { CdrWriter } from "../../cdr/writer.js";
import { FLAG_LAST_FRAGMENT } from "./protocol.js";

/** FRAGMENT (DDS-XRCE 1.0, 8.3.5.14): a piece of a submessage, its header included. Reliable streams only. */
export interface Fragment {
  readonly kind: "fragment";
  readonly last: boolean;
  /** Borrowed. */
  readonly piece: Uint8Array;
}

export const decodeFragment = (reader: CdrReader, flags: number): Fragment => ({
  kind: "fragment",
  last: (flags & FLAG_LAST_FRAGMENT) !== 0,
  piece: reader.rest(),
});

export const encodeFragment = (writer: CdrWriter, value: Fragment): void => writer.raw(value.piece);
