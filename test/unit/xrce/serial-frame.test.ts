import { describe, expect, test } from "vitest";
import { crc16 } from "../../../host-agent/src/xrce/framing/crc16.js";
import { encodeFrame, FrameDecoder } from "../../../host-agent/src/xrce/framing/serial-frame.js";
import { readCapture } from "./support/capture.js";

type Frame = readonly [source: number, destination: number, payload: string];

function collect(): { readonly decoder: FrameDecoder; readonly frames: Frame[] } {
  const frames: Frame[] = [];
  const decoder = new FrameDecoder((source, destination, payload) => {
    frames.push([source, destination, Buffer.from(payload).toString("hex")]);
  });
  return { decoder, frames };
}

// Written out by hand: 7E, source 01, destination 00, length 3, payload, CRC-16/ARC of 01 02 03 = 0xA110.
const FRAME = Uint8Array.from([0x7e, 0x01, 0x00, 0x03, 0x00, 0x01, 0x02, 0x03, 0x10, 0xa1]);

describe("serial framing (DDS-XRCE 1.0, 11.3)", () => {
  test("CRC-16/ARC of the catalogue's check string is 0xBB3D", () => {
    expect(crc16(Buffer.from("123456789"))).toBe(0xbb3d);
  });

  test("encodes and decodes the hand-written frame", () => {
    expect(Buffer.from(encodeFrame(1, 0, Uint8Array.of(1, 2, 3)))).toEqual(Buffer.from(FRAME));
    const { decoder, frames } = collect();
    decoder.push(FRAME);
    expect(frames).toEqual([[1, 0, "010203"]]);
  });

  test.each(["session_serial", "loss_serial"])(
    "every frame of %s encodes back to the same octets",
    (name) => {
      for (const { raw, message, fromClient } of readCapture(name)) {
        const again = encodeFrame(fromClient ? 1 : 0, fromClient ? 0 : 1, message);
        expect(Buffer.from(again).toString("hex")).toBe(Buffer.from(raw).toString("hex"));
      }
    },
  );

  test("WorstStuffing: addresses, length, payload and CRC that are all escaped", () => {
    for (const octet of [0x7e, 0x7d]) {
      const payload = new Uint8Array(0x7e7d).fill(octet);
      const frame = encodeFrame(0x7e, 0x7d, payload);
      expect(frame.byteLength).toBeGreaterThan(2 * payload.byteLength);
      expect(frame.indexOf(0x7e, 1)).toBe(-1);
      const { decoder, frames } = collect();
      decoder.push(frame);
      expect(frames).toEqual([[0x7e, 0x7d, Buffer.from(payload).toString("hex")]]);
    }
  });

  test("SplitMessage: cut in two at every octet, and sent octet by octet", () => {
    const frame = encodeFrame(1, 0, Uint8Array.of(0x7e, 0x00, 0x7d, 0xff));
    const { decoder, frames } = collect();
    for (let at = 0; at <= frame.byteLength; at++) {
      decoder.push(frame.subarray(0, at));
      decoder.push(frame.subarray(at));
    }
    for (const octet of frame) decoder.push(Uint8Array.of(octet));
    expect(frames).toEqual(Array.from({ length: frame.byteLength + 2 }, () => [1, 0, "7e007dff"]));
  });

  test("Noise: boot messages between frames, and noise that holds 7E, cost no frame", () => {
    const { decoder, frames } = collect();
    decoder.push(Buffer.from("ets Jul 29 2019 12:21:46\r\nrst:0x1 (POWERON_RESET)\r\n"));
    decoder.push(FRAME);
    decoder.push(Uint8Array.of(0xff, 0x7e, 0x12, 0x7d));
    decoder.push(FRAME);
    expect(frames).toHaveLength(2);
    expect(decoder.counters).toMatchObject({ frames: 2, strayOctets: 52, cutFrames: 1 });
  });

  test("CutFrame: cut anywhere, header and CRC included, the next good frame is received", () => {
    for (let cut = 1; cut < FRAME.byteLength; cut++) {
      const { decoder, frames } = collect();
      decoder.push(FRAME.subarray(0, cut));
      decoder.push(FRAME);
      expect(frames, `cut after ${cut} octets`).toEqual([[1, 0, "010203"]]);
      expect(decoder.counters.cutFrames).toBe(cut === 1 ? 0 : 1);
    }
  });

  test("CutFrame inside an escape: the 7E after the 7D begins a frame", () => {
    const { decoder, frames } = collect();
    decoder.push(Uint8Array.of(0x7e, 0x01, 0x00, 0x05, 0x00, 0x7d));
    decoder.push(FRAME);
    expect(frames).toEqual([[1, 0, "010203"]]);
  });

  test("LostOctet and BadCrc: each damaged frame is dropped alone", () => {
    for (let at = 1; at < FRAME.byteLength; at++) {
      const { decoder, frames } = collect();
      decoder.push(Uint8Array.from(FRAME.filter((_, index) => index !== at)));
      decoder.push(FRAME);
      expect(frames.at(-1), `octet ${at} lost`).toEqual([1, 0, "010203"]);
    }
    const { decoder, frames } = collect();
    const damaged = Uint8Array.from(FRAME);
    damaged[6] = 0x42;
    decoder.push(damaged);
    decoder.push(FRAME);
    expect([frames.length, decoder.counters.badCrc]).toEqual([1, 1]);
  });

  test("BadEscape and EmptyFrame are counted and dropped", () => {
    const { decoder, frames } = collect();
    decoder.push(Uint8Array.of(0x7e, 0x01, 0x7d, 0x42, 0x7e, 0x01, 0x00, 0x00, 0x00));
    decoder.push(FRAME);
    expect(frames).toHaveLength(1);
    expect(decoder.counters).toMatchObject({ badEscapes: 1, emptyFrames: 1 });
  });

  test("a frame that ends with a closing 7E, as some senders write it, is no cut frame", () => {
    const { decoder, frames } = collect();
    decoder.push(Uint8Array.of(...FRAME, 0x7e, ...FRAME));
    expect([frames.length, decoder.counters.cutFrames]).toEqual([2, 0]);
  });
});
