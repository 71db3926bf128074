import { CdrReader } from "../../cdr/reader.js";
import { CdrWriter } from "../../cdr/writer.js";
import { DecodeError } from "../../errors.js";
import { MAX_LOCATORS } from "../limits.js";
import { ParameterList, writeSentinel } from "../messages/parameter-list.js";
import type { Locator } from "../structure/locator.js";

/** Encapsulation identifiers (DDSI-RTPS 2.5, Table 10.1); plain CDR and parameter lists, each in two orders. */
export const ENCAPSULATION = { cdrBe: 0x0000, cdrLe: 0x0001, plCdrBe: 0x0002, plCdrLe: 0x0003 } as const;
export const ENCAPSULATION_OCTETS = 4;

/** @param payload a discovery sample with its encapsulation header @throws RTPS_ENCAPSULATION, CDR_TRUNCATED */
export function openParameterList(payload: Uint8Array): ParameterList {
  const id = new CdrReader(payload, false).u16();
  if (id !== ENCAPSULATION.plCdrBe && id !== ENCAPSULATION.plCdrLe) {
    const what = `discovery data in encapsulation 0x${id.toString(16)}, PL_CDR expected`;
    throw new DecodeError("RTPS_ENCAPSULATION", what, 0, "DDSI-RTPS 2.5, 9.6.3");
  }
  const body = new CdrReader(payload.subarray(ENCAPSULATION_OCTETS), id === ENCAPSULATION.plCdrLe);
  if (payload.length < ENCAPSULATION_OCTETS) body.skip(1);
  return new ParameterList(body);
}

/** Runs `write` between a PL_CDR_LE encapsulation header and the sentinel. */
export function parameterListPayload(write: (out: CdrWriter) => void): Uint8Array {
  const out = new CdrWriter(true, 512);
  for (const octet of [0, ENCAPSULATION.plCdrLe, 0, 0]) out.u8(octet);
  write(out);
  writeSentinel(out);
  return out.copy();
}

/** Adds a locator unless it is one we cannot use, is there already, or the list is full. */
export function addLocator(locators: Locator[], locator: Locator | undefined): void {
  if (locator === undefined || locators.length >= MAX_LOCATORS) return;
  if (locators.some((known) => known.address === locator.address && known.port === locator.port)) return;
  locators.push(locator);
}
