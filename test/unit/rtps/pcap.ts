import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const CAPTURES = [
  "jazzy_srv_udp_subnet",
  "jazzy_act_udp_subnet",
  "kilted_srv_udp_subnet",
  "kilted_act_udp_subnet",
];

const file = (name: string): string => fileURLToPath(new URL(`../../vectors/rtps/${name}`, import.meta.url));

export interface Packet {
  readonly destination: string;
  readonly datagram: Uint8Array;
}

/** The RTPS datagrams of a little-endian pcap file of link type SLL2 (276), SLL (113) or Ethernet (1). */
export function readCapture(name: string): Packet[] {
  const bytes = readFileSync(file(`${name}.pcap`));
  const linkHeader = { 1: 14, 113: 16, 276: 20 }[bytes.readUInt32LE(20)] as number;
  const packets: Packet[] = [];
  for (let at = 24; at + 16 <= bytes.length; ) {
    const captured = bytes.readUInt32LE(at + 8);
    const ip = bytes.subarray(at + 16 + linkHeader, at + 16 + captured);
    at += 16 + captured;
    const headerOctets = ((ip[0] as number) & 15) * 4;
    if (ip[9] !== 17) continue;
    // An array of its own, as a socket would deliver it.
    const datagram = new Uint8Array(ip.subarray(headerOctets + 8));
    if (Buffer.from(datagram.subarray(0, 4)).toString() !== "RTPS") continue;
    const address = [...ip.subarray(16, 20)].join(".");
    packets.push({ destination: `${address}:${ip.readUInt16BE(headerOctets + 2)}`, datagram });
  }
  return packets;
}

/** The sections of the commentary, by title. */
export function readCommentary(name: string): Record<"participants" | "data" | "counts", string[]> {
  const text = readFileSync(file(`${name}.decoded.txt`), "utf8");
  const sections = text.split(/^== .*\n/m).slice(1);
  const [participants = [], data = [], counts = []] = sections.map((section) =>
    section.split("\n").filter((line) => line !== ""),
  );
  return { participants, data, counts };
}
