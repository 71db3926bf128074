import { expect, test } from "vitest";
import { RosehipError } from "../../host-agent/src/errors.js";
import { FrameDecoder } from "../../host-agent/src/xrce/framing/serial-frame.js";
import { decodeMessage } from "../../host-agent/src/xrce/message/message.js";
import { decodeBinary } from "../../host-agent/src/xrce/message/representation/binary.js";
import { decodeXml } from "../../host-agent/src/xrce/message/representation/xml.js";
import { LengthPrefixDecoder } from "../../host-agent/src/xrce/transport/length-prefix.js";
import { readCapture } from "../unit/xrce/support/capture.js";
import { settle, startHarness } from "../unit/xrce/support/harness.js";

/** ROSEHIP_FUZZ_SEED repeats a run; ROSEHIP_FUZZ_ROUNDS lengthens it. */
const seed = Number(process.env["ROSEHIP_FUZZ_SEED"] ?? Date.now() % 1_000_000_007);
const rounds = Number(process.env["ROSEHIP_FUZZ_ROUNDS"] ?? 20_000);
console.log(`XRCE fuzz: ROSEHIP_FUZZ_SEED=${seed} ROSEHIP_FUZZ_ROUNDS=${rounds}`);

function random(start: number): () => number {
  let state = start | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const INTERESTING = [0x00, 0x01, 0x7d, 0x7e, 0x7f, 0x80, 0xfe, 0xff];

function flip(octets: number[], at: number, chance: () => number): void {
  octets[at] = (octets[at] ?? 0) ^ (1 << Math.floor(chance() * 8));
}

/** Flips, overwrites, cuts, doubles or splices. */
function mutate(octets: Uint8Array, other: Uint8Array, chance: () => number): Uint8Array {
  let out = [...octets];
  const at = () => Math.floor(chance() * out.length);
  for (let i = 0; i <= chance() * 4; i++) {
    const kind = Math.floor(chance() * 5);
    if (kind === 0) flip(out, at(), chance);
    else if (kind === 1) out[at()] = INTERESTING[Math.floor(chance() * INTERESTING.length)] as number;
    else if (kind === 2) out = out.slice(0, at());
    else if (kind === 3) out.splice(at(), 0, ...out.slice(at(), at() + 8));
    else out = [...out.slice(0, at()), ...other.subarray(Math.floor(chance() * other.byteLength))];
  }
  return Uint8Array.from(out);
}

const seeds = ["session_udp", "session_serial", "loss_serial"].flatMap((name) => readCapture(name));
const pick = <T>(list: readonly T[], chance: () => number): T =>
  list[Math.floor(chance() * list.length)] as T;

function refusesOrDecodes(decode: () => unknown, input: Uint8Array): void {
  try {
    decode();
  } catch (error) {
    if (error instanceof RosehipError) return;
    throw new Error(`seed ${seed}, input ${Buffer.from(input).toString("hex")}`, { cause: error });
  }
}

test("message decoders give a value or a RosehipError for any octets", () => {
  const chance = random(seed);
  for (let i = 0; i < rounds; i++) {
    const input = mutate(pick(seeds, chance).message, pick(seeds, chance).message, chance);
    refusesOrDecodes(() => decodeMessage(input), input);
    const kind = 1 + Math.floor(chance() * 9);
    refusesOrDecodes(() => decodeBinary(kind, input.subarray(12), chance() < 0.5), input);
    refusesOrDecodes(() => decodeXml(kind, Buffer.from(input.subarray(20)).toString("latin1")), input);
  }
});

test("after any noise the next good frame is received", () => {
  const chance = random(seed + 1);
  // Hand-checked in serial-frame.test.ts: a CREATE_CLIENT out of session_serial.
  const frame = readCapture("session_serial")[2];
  if (frame === undefined) throw new Error("session_serial has no frame 2");
  for (let i = 0; i < rounds; i++) {
    let last = "";
    const decoder = new FrameDecoder((_from, _to, payload) => {
      last = Buffer.from(payload).toString("hex");
    });
    decoder.push(mutate(pick(seeds, chance).raw, pick(seeds, chance).raw, chance));
    decoder.push(frame.raw);
    expect(last, `seed ${seed}, round ${i}`).toBe(Buffer.from(frame.message).toString("hex"));
  }
});

test("the TCP length prefix takes any octets in any cut", () => {
  const chance = random(seed + 2);
  const decoder = new LengthPrefixDecoder(() => {});
  for (let i = 0; i < rounds; i++)
    decoder.push(pick(seeds, chance).raw.subarray(0, Math.floor(chance() * 40)));
});

test("an agent that is sent mutated sessions stays up, never faults, and then serves a clean one", async () => {
  const chance = random(seed + 3);
  const harness = await startHarness();
  const session = readCapture("session_udp").filter(({ fromClient }) => fromClient);
  const peer = harness.transport.peer("fuzz", () => {});
  for (let i = 0; i < rounds / 20; i++) {
    for (const { message } of session) {
      const spoilt = chance() < 0.3 ? mutate(message, pick(session, chance).message, chance) : message;
      harness.transport.inject(peer, spoilt);
      if (chance() < 0.1) harness.clock.advance(100 * chance());
    }
    await settle();
  }
  const faults = harness.events.filter(({ type }) => type === "internal_error");
  expect(faults, `seed ${seed}`).toEqual([]);
  const answers: Uint8Array[] = [];
  const clean = harness.transport.peer("clean", (message) => answers.push(message));
  harness.transport.inject(clean, session[1]?.message ?? new Uint8Array());
  expect(decodeMessage(answers[0] ?? new Uint8Array()).submessages[0]).toMatchObject({
    kind: "status_agent",
    status: 0,
  });
  await harness.agent.close();
});
