import type { CdrReader } from "../../cdr/reader.js";
import type { CdrWriter } from "../../cdr/writer.js";
import type { EntityId } from "./guid.js";

/** EntityId_t is four octets, the same in both byte orders (DDSI-RTPS 2.5, 9.3.1.1). */
export function readEntityId(reader: CdrReader): EntityId {
  const high = (reader.u8() << 24) | (reader.u8() << 16);
  return (high | (reader.u8() << 8) | reader.u8()) >>> 0;
}

export function writeEntityId(writer: CdrWriter, id: EntityId): void {
  writer.u8(id >>> 24);
  writer.u8((id >>> 16) & 0xff);
  writer.u8((id >>> 8) & 0xff);
  writer.u8(id & 0xff);
}
