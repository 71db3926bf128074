import { CdrReader } from "../../cdr/reader.js";
import { CdrWriter } from "../../cdr/writer.js";
import { DecodeError } from "../../errors.js";
import { PID } from "../structure/parameter-id.js";

/**
 * Walks a ParameterList (DDSI-RTPS 2.5, 9.4.2.11): u16 id, u16 length, value, until PID_SENTINEL. The value
 * is a cursor of its own that cannot read into the next parameter, and whose alignment starts at the value.
 *
 *     while (list.next()) if (list.id === PID.topicName) topic = list.value.string();
 */
export class ParameterList {
  id: number = PID.sentinel;
  private body: Uint8Array = EMPTY;

  constructor(private readonly reader: CdrReader) {}

  /** @returns false at PID_SENTINEL @throws CDR_TRUNCATED, also if the sentinel is missing */
  next(): boolean {
    for (;;) {
      this.id = this.reader.u16();
      const length = this.reader.u16();
      if (this.id === PID.sentinel) return false;
      if (length % 4 !== 0) {
        throw new DecodeError(
          "RTPS_PARAMETER",
          `parameter 0x${this.id.toString(16)} is ${length} octets long, not a multiple of 4`,
          this.reader.offset - 2,
          "DDSI-RTPS 2.5, 9.4.2.11",
        );
      }
      this.body = this.reader.borrow(length);
      if (this.id !== PID.pad) return true;
    }
  }

  /** The parameter's octets, borrowed. */
  get octets(): Uint8Array {
    return this.body;
  }

  get value(): CdrReader {
    return new CdrReader(this.body, this.reader.littleEndian);
  }
}

const EMPTY = new Uint8Array(0);

/** Writes one parameter; `write` gets a cursor of its own, whose alignment starts at the value. */
export function writeParameter(out: CdrWriter, id: number, write: (value: CdrWriter) => void): void {
  const value = new CdrWriter(true, 64);
  write(value);
  value.align(4);
  out.u16(id);
  out.u16(value.offset);
  out.raw(value.bytes);
}

export function writeSentinel(out: CdrWriter): void {
  out.u16(PID.sentinel);
  out.u16(0);
}
