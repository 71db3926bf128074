import type { CdrReader } from "../../cdr/reader.js";
import type { CdrWriter } from "../../cdr/writer.js";

/** Locator_t (DDSI-RTPS 2.5, 9.3.2.4): i32 kind, u32 port, 16 octets of address. Only UDPv4 is used here. */
export interface Locator {
  /** Dotted quad. */
  readonly address: string;
  readonly port: number;
}

const LOCATOR_KIND_UDPv4 = 1;
const ADDRESS_OCTETS = 16;
/** Where the 4 octets of an IPv4 address stand in the 16. */
const IPV4_AT = 12;

/**
 * @returns undefined for a locator this implementation cannot send to: another kind (IPv6, TCP, the shared
 *   memory of Fast DDS: 16 and 19), port 0 or over 65535, or the invalid address 0.0.0.0
 */
export function readLocator(reader: CdrReader): Locator | undefined {
  const kind = reader.i32();
  const port = reader.u32();
  const octets = reader.borrow(ADDRESS_OCTETS).subarray(IPV4_AT);
  if (kind !== LOCATOR_KIND_UDPv4 || port === 0 || port > 0xffff) return undefined;
  const address = octets.join(".");
  return address === "0.0.0.0" ? undefined : { address, port };
}

export function writeLocator(writer: CdrWriter, locator: Locator): void {
  writer.i32(LOCATOR_KIND_UDPv4);
  writer.u32(locator.port);
  const octets = new Uint8Array(ADDRESS_OCTETS);
  octets.set(locator.address.split(".").map(Number), IPV4_AT);
  writer.raw(octets);
}

export function formatLocator(locator: Locator): string {
  return `${locator.address}:${locator.port}`;
}

/** Whether two lists without repetitions name the same places, in any order. */
export function sameLocators(a: readonly Locator[], b: readonly Locator[]): boolean {
  const within = ({ address, port }: Locator) => b.some((to) => to.address === address && to.port === port);
  return a.length === b.length && a.every(within);
}

/** 127.0.0.0/8 */
export function isLoopback(locator: Locator): boolean {
  return locator.address.startsWith("127.");
}

/** 224.0.0.0/4 */
export function isMulticast(locator: Locator): boolean {
  const first = Number.parseInt(locator.address, 10);
  return first >= 224 && first <= 239;
}
