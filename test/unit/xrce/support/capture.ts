import { readFileSync } from "node:fs";
import { FrameDecoder } from "../../../../host-agent/src/xrce/framing/serial-frame.js";

export interface CapturedMessage {
  readonly index: number;
  readonly fromClient: boolean;
  readonly dropped: boolean;
  /** As it was on the link: a frame, or a datagram. */
  readonly raw: Uint8Array;
  /** Without framing. */
  readonly message: Uint8Array;
  readonly timeMs: number;
}

/** The messages of test/vectors/xrce/<name>.jsonl, in order. */
export function readCapture(name: string): CapturedMessage[] {
  const path = new URL(`../../../vectors/xrce/${name}.jsonl`, import.meta.url);
  const lines = readFileSync(path, "utf8").trim().split("\n");
  return lines.map((line, index) => {
    const { t, dir, raw: hex, dropped } = JSON.parse(line) as Record<string, string | number | boolean>;
    const raw = Buffer.from(String(hex), "hex");
    const message = name.includes("serial") ? unframe(raw) : raw;
    return {
      index,
      fromClient: dir === "c2a",
      dropped: dropped === true,
      raw,
      message,
      timeMs: 1000 * Number(t),
    };
  });
}

function unframe(raw: Uint8Array): Uint8Array {
  let message: Uint8Array | undefined;
  const decoder = new FrameDecoder((_source, _destination, payload) => {
    message = new Uint8Array(payload);
  });
  decoder.push(raw);
  if (message === undefined) throw new Error(`not one frame: ${Buffer.from(raw).toString("hex")}`);
  return message;
}
