import { describe, expect, test } from "vitest";
import { CdrWriter } from "../../../host-agent/src/cdr/writer.js";

describe("CdrWriter grows", () => {
  const writes: Record<string, (writer: CdrWriter) => void> = {
    u8: (writer) => writer.u8(0xab),
    i8: (writer) => writer.i8(-1),
    u16: (writer) => writer.u16(0xabcd),
    i16: (writer) => writer.i16(-2),
    u32: (writer) => writer.u32(0x89abcdef),
    i32: (writer) => writer.i32(-3),
    u64: (writer) => writer.u64(0x0123456789abcdefn),
    i64: (writer) => writer.i64(-4n),
    f32: (writer) => writer.f32(1.5),
    f64: (writer) => writer.f64(-2.5),
    raw: (writer) => writer.raw(Uint8Array.of(1, 2, 3)),
    string: (writer) => writer.string("longer than the buffer"),
  };

  test.each(Object.entries(writes))("on %s", (_, write) => {
    const small = new CdrWriter(true, 1);
    const large = new CdrWriter(true, 256);
    for (const writer of [small, large]) {
      writer.u8(7);
      write(writer);
    }
    expect([...small.bytes]).toEqual([...large.bytes]);
  });
});
