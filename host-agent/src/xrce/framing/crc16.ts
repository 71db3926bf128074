/** CRC-16/ARC: polynomial 0x8005 reflected, initial value 0, no final exclusive-or. */
const TABLE = Uint16Array.from({ length: 256 }, (_, octet) => {
  let crc = octet;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) !== 0 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  return crc;
});

export const crc16Step = (crc: number, octet: number): number =>
  (crc >>> 8) ^ (TABLE[(crc ^ octet) & 0xff] as number);

export function crc16(octets: Uint8Array): number {
  let crc = 0;
  for (let i = 0; i < octets.byteLength; i++) crc = crc16Step(crc, octets[i] as number);
  return crc;
}
