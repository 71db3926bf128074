import { decodeHeader, encodeHeader, headerOctets, type MessageHeader } from "./header.js";
import { decodeSubmessage, encodeSubmessage, type Submessage } from "./submessage.js";
import { splitSubmessages } from "./submessage-header.js";

export interface Message {
  readonly header: MessageHeader;
  readonly submessages: readonly Submessage[];
}

/** A whole message; submessages of unknown kind are left out. @throws DecodeError */
export function decodeMessage(octets: Uint8Array): Message {
  const header = decodeHeader(octets);
  const raw = splitSubmessages(octets, headerOctets(header.sessionId));
  return { header, submessages: raw.map(decodeSubmessage).filter((one) => one !== undefined) };
}

/** The counterpart of {@link decodeMessage}; each submessage starts at a multiple of 4. */
export function encodeMessage(header: MessageHeader, submessages: readonly Submessage[]): Uint8Array {
  const pieces = submessages.map(encodeSubmessage);
  const lead = headerOctets(header.sessionId);
  const total = pieces.reduce((end, piece) => end + (-end & 3) + piece.byteLength, lead);
  const octets = new Uint8Array(total);
  encodeHeader(octets, header.sessionId, header.streamId, header.sequenceNumber, header.clientKey ?? 0);
  let at = lead;
  for (const piece of pieces) {
    at += -at & 3;
    octets.set(piece, at);
    at += piece.byteLength;
  }
  return octets;
}
