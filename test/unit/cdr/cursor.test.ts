/** The bounded cursor over XCDR1 (DDS-XTypes 1.3, 7.4.1; CORBA 3.3 part 2, 9.3). */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CdrReader } from "../../../host-agent/src/cdr/reader.js";
import { CdrWriter } from "../../../host-agent/src/cdr/writer.js";

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replace(/\s/g, ""), "hex"));
const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** One of each primitive, each after an octet that makes alignment show. Octets by hand. */
const LITTLE = `01 00 0302 ff 000000 78563412 01 000000 efcdab8967452301
  01 000000 0000c03f 01 00000000000000 000000000000f8bf 06000000 6869c3a92100 01`;
const BIG = `01 00 0203 ff 000000 12345678 01 000000 0123456789abcdef
  01 000000 3fc00000 01 00000000000000 bff8000000000000 00000006 6869c3a92100 01`;

describe.each([
  ["little-endian", LITTLE, true],
  ["big-endian", BIG, false],
] as const)("%s", (_name, text, littleEndian) => {
  const readAll = (reader: CdrReader) => [
    reader.u8(),
    reader.u16(),
    reader.i8(),
    reader.u32(),
    reader.u8(),
    reader.u64(),
    reader.u8(),
    reader.f32(),
    reader.boolean(),
    reader.f64(),
    reader.string(),
    reader.boolean(),
  ];

  test("values and alignment are read", () => {
    const reader = new CdrReader(hex(text), littleEndian);
    const expected = [1, 0x0203, -1, 0x12345678, 1, 0x0123456789abcdefn, 1, 1.5, true, -1.5, "hié!", true];
    expect(readAll(reader)).toEqual(expected);
    expect(reader.remaining).toBe(0);
  });

  test("values and alignment are written", () => {
    const writer = new CdrWriter(littleEndian, 1);
    writer.u8(1);
    writer.u16(0x0203);
    writer.i8(-1);
    writer.u32(0x12345678);
    writer.u8(1);
    writer.u64(0x0123456789abcdefn);
    writer.u8(1);
    writer.f32(1.5);
    writer.boolean(true);
    writer.f64(-1.5);
    writer.string("hié!");
    writer.boolean(true);
    expect(toHex(writer.bytes)).toBe(text.replace(/\s/g, ""));
  });

  test("every truncation is refused with the offset", () => {
    const whole = hex(text);
    for (let length = 0; length < whole.length; length++) {
      expect(() => readAll(new CdrReader(whole.subarray(0, length), littleEndian))).toThrow(
        expect.objectContaining({ code: "CDR_TRUNCATED" }),
      );
    }
  });
});

describe("bounds", () => {
  test("a view's end is the end, whatever lies behind it in the buffer", () => {
    const buffer = hex("01020304 05060708");
    const reader = new CdrReader(buffer.subarray(0, 4));
    expect(reader.u32()).toBe(0x04030201);
    expect(() => reader.u8()).toThrow(expect.objectContaining({ code: "CDR_TRUNCATED", offset: 4 }));
    expect(() => reader.skip(-1)).toThrow(expect.objectContaining({ code: "CDR_TRUNCATED" }));
  });

  test("a length is checked before anything is allocated", () => {
    const lie = () => new CdrReader(hex("ffffffff 00"));
    expect(() => lie().string()).toThrow(expect.objectContaining({ code: "CDR_TRUNCATED" }));
    expect(() => lie().length(8)).toThrow(expect.objectContaining({ code: "CDR_TRUNCATED" }));
    expect(() => lie().length(0, 100)).toThrow(expect.objectContaining({ code: "CDR_BOUND", offset: 0 }));
  });

  test("booleans are 0 or 1", () => {
    expect(() => new CdrReader(hex("02")).boolean()).toThrow(
      expect.objectContaining({ code: "CDR_BOOLEAN" }),
    );
  });

  test("strings of length 0 and strings without NUL are read", () => {
    expect(new CdrReader(hex("00000000")).string()).toBe("");
    expect(new CdrReader(hex("02000000 6869")).string()).toBe("hi");
  });

  test("alignment counts from the origin", () => {
    const reader = new CdrReader(hex("00000000 0001 0000 02000000"), true, 4 + 2);
    reader.skip(6);
    expect(reader.u32()).toBe(0x00020000);
    const writer = new CdrWriter(true, 4, 64, 2);
    writer.u16(1);
    writer.u32(2);
    expect(toHex(writer.bytes)).toBe("010002000000");
  });

  test("a writer stops at its limit and says so", () => {
    const writer = new CdrWriter(true, 4, 8);
    writer.u64(1n);
    expect(() => writer.u8(1)).toThrow(expect.objectContaining({ code: "CDR_LIMIT" }));
    expect(writer.offset).toBe(8);
  });

  test("lengths can be patched, a copy is the caller's own", () => {
    const writer = new CdrWriter();
    writer.u16(0);
    writer.u32(0);
    writer.patchU16(0, 0x0102);
    writer.patchU32(4, 0x03040506);
    const copy = writer.copy();
    writer.reset();
    writer.u32(0xffffffff);
    expect(toHex(copy)).toBe("0201000006050403");
  });
});

test("what is written is read again, in both byte orders, from any buffer size on", () => {
  type Kind = "u8" | "i8" | "u16" | "i16" | "u32" | "i32" | "u64" | "i64" | "f32" | "f64" | "string";
  const value = fc.oneof(
    fc.tuple(fc.constant<Kind>("u8"), fc.nat(0xff)),
    fc.tuple(fc.constant<Kind>("i8"), fc.integer({ min: -128, max: 127 })),
    fc.tuple(fc.constant<Kind>("u16"), fc.nat(0xffff)),
    fc.tuple(fc.constant<Kind>("i16"), fc.integer({ min: -0x8000, max: 0x7fff })),
    fc.tuple(fc.constant<Kind>("u32"), fc.nat(0xffffffff)),
    fc.tuple(fc.constant<Kind>("i32"), fc.integer()),
    fc.tuple(fc.constant<Kind>("u64"), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
    fc.tuple(fc.constant<Kind>("i64"), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
    fc.tuple(fc.constant<Kind>("f32"), fc.float()),
    fc.tuple(fc.constant<Kind>("f64"), fc.double()),
    fc.tuple(
      fc.constant<Kind>("string"),
      fc.string({ unit: "grapheme" }).filter((s) => !s.includes("\0")),
    ),
  );
  fc.assert(
    fc.property(fc.array(value), fc.boolean(), fc.integer({ min: 1, max: 64 }), (values, little, initial) => {
      const writer = new CdrWriter(little, initial);
      for (const [kind, given] of values) (writer[kind] as (given: unknown) => void).call(writer, given);
      const reader = new CdrReader(writer.copy(), little);
      for (const [kind, given] of values) expect(reader[kind]()).toEqual(given);
      expect(reader.remaining).toBe(0);
    }),
  );
});
