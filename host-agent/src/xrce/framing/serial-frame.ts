import { LIMITS } from "../../limits.js";
import { crc16, crc16Step } from "./crc16.js";

/**
 * Serial framing of DDS-XRCE 1.0, 11.3 (Table 24), as Micro XRCE-DDS puts it on the line:
 *
 *     7E | source | destination | length u16 LE | payload | CRC-16 u16 LE
 *
 * After the 7E each 7E and 7D is sent as 7D and the octet ^ 0x20. The CRC covers the unescaped payload alone.
 */
const BEGIN = 0x7e;
const ESCAPE = 0x7d;
const FLIP = 0x20;

/** Where the agent lives on the line. */
export const AGENT_ADDRESS = 0;

/** What went wrong on a line, by cause, since it was opened. */
export interface FramingCounters {
  frames: number;
  /** Frames of which the CRC did not fit. */
  badCrc: number;
  /** Frames that a new 7E cut before their end. */
  cutFrames: number;
  /** 7D followed by something else than 5E or 5D: a damaged octet. */
  badEscapes: number;
  /** Frames with the length 0. */
  emptyFrames: number;
  /** Octets between frames: noise, or the output of a boot loader. */
  strayOctets: number;
}

/** @returns a whole frame in a buffer of its own */
export function encodeFrame(source: number, destination: number, payload: Uint8Array): Uint8Array {
  // Everything after the 7E may double: two addresses, length, payload, CRC.
  const frame = Buffer.allocUnsafe(1 + 2 * (6 + payload.byteLength));
  let at = 0;
  frame[at++] = BEGIN;
  const put = (octet: number): void => {
    if (octet === BEGIN || octet === ESCAPE) {
      frame[at++] = ESCAPE;
      frame[at++] = octet ^ FLIP;
    } else frame[at++] = octet;
  };
  put(source);
  put(destination);
  put(payload.byteLength & 0xff);
  put(payload.byteLength >>> 8);
  for (let i = 0; i < payload.byteLength; i++) put(payload[i] as number);
  const crc = crc16(payload);
  put(crc & 0xff);
  put(crc >>> 8);
  return frame.subarray(0, at);
}

/** Position of the next octet inside a frame; PAYLOAD and on are counted by `filled`. */
enum Field {
  NONE,
  SOURCE,
  DESTINATION,
  LENGTH_LOW,
  LENGTH_HIGH,
  PAYLOAD,
  CRC_LOW,
  CRC_HIGH,
}

/**
 * Takes octets as they come and gives whole frames. A 7E begins a frame wherever it stands, since inside a frame it
 * is always escaped: whatever was cut, the frame that follows is received.
 *
 * States: NONE (between frames) -7E-> SOURCE -> ... -> CRC_HIGH -> NONE; a 7E in any state -> SOURCE.
 */
export class FrameDecoder {
  readonly counters: FramingCounters = {
    frames: 0,
    badCrc: 0,
    cutFrames: 0,
    badEscapes: 0,
    emptyFrames: 0,
    strayOctets: 0,
  };
  private field = Field.NONE;
  private escaped = false;
  private source = 0;
  private destination = 0;
  private length = 0;
  private filled = 0;
  private crc = 0;
  private crcLow = 0;
  private payload = Buffer.allocUnsafe(1024);

  /** @param onFrame `payload` is borrowed: valid during the call only */
  constructor(private readonly onFrame: (source: number, destination: number, payload: Uint8Array) => void) {}

  push(octets: Uint8Array): void {
    for (let i = 0; i < octets.byteLength; i++) {
      const octet = octets[i] as number;
      if (octet === BEGIN) this.begin();
      else if (this.field === Field.NONE) this.counters.strayOctets++;
      else if (octet === ESCAPE && !this.escaped) this.escaped = true;
      else this.unescape(octet);
    }
  }

  private begin(): void {
    // Two 7E in a row are no cut frame: some senders close a frame with one.
    if (this.field > Field.SOURCE || this.escaped) this.counters.cutFrames++;
    this.field = Field.SOURCE;
    this.escaped = false;
  }

  private unescape(octet: number): void {
    if (!this.escaped) {
      this.take(octet);
      return;
    }
    this.escaped = false;
    const original = octet ^ FLIP;
    if (original === BEGIN || original === ESCAPE) {
      this.take(original);
      return;
    }
    this.counters.badEscapes++;
    this.field = Field.NONE;
  }

  private take(octet: number): void {
    switch (this.field) {
      case Field.SOURCE:
        this.source = octet;
        break;
      case Field.DESTINATION:
        this.destination = octet;
        break;
      case Field.LENGTH_LOW:
        this.length = octet;
        break;
      case Field.LENGTH_HIGH:
        this.length |= octet << 8;
        this.startPayload();
        return;
      case Field.PAYLOAD:
        this.payload[this.filled++] = octet;
        this.crc = crc16Step(this.crc, octet);
        if (this.filled < this.length) return;
        break;
      case Field.CRC_LOW:
        this.crcLow = octet;
        break;
      default:
        this.finish(this.crcLow | (octet << 8));
        return;
    }
    this.field++;
  }

  private startPayload(): void {
    if (this.length === 0) {
      this.counters.emptyFrames++;
      this.field = Field.NONE;
      return;
    }
    if (this.length > this.payload.byteLength) {
      const size = Math.min(LIMITS.frameOctets, Math.max(this.length, 2 * this.payload.byteLength));
      this.payload = Buffer.allocUnsafe(size);
    }
    this.filled = 0;
    this.crc = 0;
    this.field = Field.PAYLOAD;
  }

  private finish(crc: number): void {
    this.field = Field.NONE;
    if (crc !== this.crc) {
      this.counters.badCrc++;
      return;
    }
    this.counters.frames++;
    this.onFrame(this.source, this.destination, this.payload.subarray(0, this.length));
  }
}
