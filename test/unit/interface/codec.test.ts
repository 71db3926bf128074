import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { RosehipError } from "../../../host-agent/src/errors.js";
import { MessageCodec } from "../../../toolchain/interface/codec.js";
import { InterfaceLibrary } from "../../../toolchain/interface/library.js";
import { projectFile } from "../../../toolchain/project.js";
import { fromJson } from "../../interop/cdr-values.js";

const library = new InterfaceLibrary(
  ["interfaces", "test/interop/ros2/interfaces"].map((name) => ({ name, folder: projectFile(name) })),
);
const codec = (type: string) => new MessageCodec(library, type);

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof RosehipError) return `${error.code} ${error.message}`;
    throw error;
  }
  return "no error";
}

const octets = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(/[\s|]/g, ""), "hex"));

/** Written by hand after OMG CDR (DDS-XTypes 1.3, 7.4.1): alignment counts from the first octet shown. */
const BY_HAND = [
  {
    type: "example_interfaces/srv/AddTwoInts_Request",
    value: { a: 1n, b: -2n },
    little: "0100000000000000 | feffffffffffffff",
    big: "0000000000000001 | fffffffffffffffe",
  },
  {
    type: "std_msgs/msg/Header", // stamp, then length with NUL, text, NUL
    value: { stamp: { sec: -1, nanosec: 500 }, frame_id: "map" },
    little: "ffffffff | f4010000 | 04000000 6d617000",
    big: "ffffffff | 000001f4 | 00000004 6d617000",
  },
  {
    type: "std_srvs/srv/SetBool_Response", // three octets of padding before the length
    value: { success: true, message: "é" },
    little: "01 000000 | 03000000 c3a900",
    big: "01 000000 | 00000003 c3a900",
  },
  {
    type: "std_srvs/srv/Empty_Request", // the octet rosidl gives a structure without members
    value: {},
    little: "00",
    big: "00",
  },
  {
    type: "example_interfaces/msg/WString", // UTF-16 code units, each in four octets, no NUL
    value: { data: "é😀" },
    little: "03000000 | e9000000 3dd80000 00de0000",
    big: "00000003 | 000000e9 0000d83d 0000de00",
  },
  {
    type: "example_interfaces/msg/Float64MultiArray", // an empty sequence pads nothing after its length
    value: { layout: { dim: [], data_offset: 7 }, data: [] },
    little: "00000000 | 07000000 | 00000000",
    big: "00000000 | 00000007 | 00000000",
  },
  {
    type: "example_interfaces/msg/Float64MultiArray", // doubles are aligned to 8
    value: { layout: { dim: [], data_offset: 7 }, data: [-0] },
    little: "00000000 | 07000000 | 01000000 00000000 | 0000000000000080",
    big: "00000000 | 00000007 | 00000001 00000000 | 8000000000000000",
  },
];

describe.each(BY_HAND)("CDR of $type $value", ({ type, value, little, big }) => {
  test.each([
    [true, little],
    [false, big],
  ])("little-endian %s", (littleEndian, hex) => {
    expect(codec(type).encode(value, littleEndian)).toEqual(octets(hex));
    expect(codec(type).decode(octets(hex), littleEndian)).toEqual(value);
  });

  test("every truncation is found", () => {
    for (let length = 0; length < octets(little).length; length++) {
      expect(codeOf(() => codec(type).decode(octets(little).subarray(0, length)))).toMatch(/^CDR_TRUNCATED/);
    }
  });
});

test("messages rclpy wrote have the values and octets it gave them", () => {
  const lines = readFileSync(projectFile("test/vectors/interface/cdr-rclpy.jsonl"), "utf8")
    .trimEnd()
    .split("\n");
  for (const line of lines) {
    const { type, value, cdr } = JSON.parse(line) as { type: string; value: unknown; cdr: string };
    const expected = fromJson(library, type, value);
    const body = octets(cdr).subarray(4);
    expect(codec(type).decode(body), type).toEqual(expected);
    const written = codec(type).encode(expected);
    expect(written, type).toEqual(body.subarray(0, written.byteLength));
  }
  expect(lines.length).toBeGreaterThan(40);
});

describe("hostile octets", () => {
  test.each([
    ["a string longer than the rest", "std_msgs/msg/String", "ffffffff 61", "CDR_TRUNCATED data: "],
    [
      "a sequence longer than the rest",
      "std_msgs/msg/UInt8MultiArray",
      "00000000 00000000 ffffffff",
      "CDR_TRUNCATED data: ",
    ],
    [
      "a nested field",
      "sensor_msgs/msg/JointState",
      "00000000 00000000 ff000000",
      "CDR_TRUNCATED header.frame_id: ",
    ],
    [
      "a string over its bound",
      "rosehip_test_msgs/srv/Report_Response",
      "01000000 0a000000 616161616161616161 00",
      "CDR_BOUND message: ",
    ],
    [
      "an octet length over any of the bound",
      "rosehip_test_msgs/srv/Report_Response",
      "01000000 22000000",
      "CDR_BOUND message: ",
    ],
    [
      "a sequence over its bound",
      "example_interfaces/srv/AddTwoInts_Event",
      `00 ${"00".repeat(39)} 02000000`,
      "CDR_BOUND request: ",
    ],
  ])("%s", (_, type, hex, error) => {
    expect(codeOf(() => codec(type).decode(octets(hex)))).toContain(error);
  });

  test("a bound counts characters, not octets", () => {
    const report = codec("rosehip_test_msgs/srv/Report_Response");
    const value = { success: false, message: "😀".repeat(8), more: 0n };
    expect(report.decode(report.encode(value))).toEqual(value);
    expect(codeOf(() => report.encode({ message: "😀".repeat(9) }))).toMatch(/^CODEC_VALUE 'message' is/);
  });

  test("strings without NUL or length, and any octet for a bool, are taken as Fast CDR takes them", () => {
    expect(codec("std_msgs/msg/String").decode(octets("00000000"))).toEqual({ data: "" });
    expect(codec("std_msgs/msg/String").decode(octets("02000000 6162"))).toEqual({ data: "ab" });
    expect(codec("std_msgs/msg/Bool").decode(octets("02"))).toEqual({ data: true });
  });
});

describe("values that do not fit", () => {
  test.each([
    ["std_msgs/msg/Int8", { data: 128 }, "'data' is 128, expected an integer from -128 to 127"],
    ["std_msgs/msg/Int8", { data: 1.5 }, "'data' is 1.5, expected an integer"],
    [
      "std_msgs/msg/UInt64",
      { data: -1n },
      "'data' is -1, expected an integer from 0 to 18446744073709551615",
    ],
    ["std_msgs/msg/Bool", { data: 1 }, "'data' is 1, expected true or false"],
    ["std_msgs/msg/String", { data: 1 }, "'data' is 1, expected a string"],
    ["std_msgs/msg/Float64", { data: "1" }, `'data' is "1", expected a number`],
    [
      "std_msgs/msg/Header",
      { stamp: 1 },
      "'stamp' is 1, expected an object with the fields of builtin_interfaces/msg/Time",
    ],
    ["std_msgs/msg/Header", { stamp: { sec: "x" } }, `'stamp.sec' is "x", expected`],
    ["std_msgs/msg/Header", { frame: "" }, "std_msgs/msg/Header has no field 'frame'"],
    ["geometry_msgs/msg/Polygon", { points: [{}, 1] }, "'points[1]' is 1, expected an object"],
    [
      "geometry_msgs/msg/PoseWithCovariance",
      { covariance: [1] },
      "'covariance' is an array of 1, expected an array of 36",
    ],
    ["std_srvs/srv/Empty_Request", [], "The value is an array of 0, expected an object"],
  ])("%s %o", (type, value, error) => {
    expect(codeOf(() => codec(type).encode(value))).toContain(`CODEC_VALUE ${error}`);
  });

  test("a service is not a message", () => {
    expect(codeOf(() => codec("std_srvs/srv/Trigger"))).toMatch(/^IDL_UNKNOWN_TYPE .*not a message/);
    expect(codeOf(() => codec("std_srvs/srv/Nothing"))).toMatch(/^IDL_UNKNOWN_TYPE There is no interface/);
  });
});

test("fields left out have their defaults, also one called as what objects inherit", () => {
  const reserved = codec("rosehip_test_msgs/msg/Reserved");
  expect(reserved.decode(reserved.encode({ type: 1 }))).toMatchObject({ constructor: 0, type: 1 });
  expect(codec("rosehip_test_msgs/msg/Numbers").defaults()).toMatchObject({
    hexadecimal: 65535,
    flags: [true, false],
  });
});
