import type { CdrReader } from "../../cdr/reader.js";
import type { CdrWriter } from "../../cdr/writer.js";
import { type ResultStatus, readResult, writeResult } from "./base.js";
import {
  type Identification,
  type Property,
  readIdentification,
  readProperties,
  writeIdentification,
  writeProperties,
} from "./identification.js";

/** STATUS_AGENT (DDS-XRCE 1.0, 8.3.5.5): the answer to CREATE_CLIENT. */
export interface StatusAgent extends ResultStatus, Identification {
  readonly kind: "status_agent";
  readonly properties?: readonly Property[];
}

export function decodeStatusAgent(reader: CdrReader): StatusAgent {
  const result = readResult(reader);
  const identification = readIdentification(reader);
  const properties = readProperties(reader);
  const optional = properties === undefined ? {} : { properties };
  return { kind: "status_agent", ...result, ...identification, ...optional };
}

export function encodeStatusAgent(writer: CdrWriter, value: StatusAgent): void {
  writeResult(writer, value);
  writeIdentification(writer, value);
  writeProperties(writer, value.properties);
}
