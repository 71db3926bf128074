/** Parameters by command line and file (rcl_yaml_param_parser), and their way to the device. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parseParameter, readParametersFile } from "../../../cli/agent-parameters.js";
import {
  encodeParameterEvent,
  type ParameterValue,
  parametersOf,
} from "../../../host-agent/src/ros2/parameters.js";

const folder = mkdtempSync(path.join(tmpdir(), "rosehip-parameters-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (text: string): string => {
  const name = path.join(folder, "params.yaml");
  writeFileSync(name, text);
  return name;
};

describe("--param", () => {
  test.each([
    ["a:=true", { kind: "boolean", value: true }],
    ["a:=yes", { kind: "boolean", value: true }],
    ["a:=off", { kind: "boolean", value: false }],
    ["a:='true'", { kind: "string", value: "true" }],
    ["a:=1", { kind: "integer", value: 1n }],
    ["a:=-9223372036854775808", { kind: "integer", value: -(2n ** 63n) }],
    ["a:=0x10", { kind: "integer", value: 16n }],
    ["a:=1.0", { kind: "double", value: 1 }],
    ["a:=1e3", { kind: "double", value: 1000 }],
    ["a:=.inf", { kind: "double", value: Number.POSITIVE_INFINITY }],
    ["a:=hello world", { kind: "string", value: "hello world" }],
    ["a:=12:30", { kind: "string", value: "12:30" }],
    ["a:=2026-01-01", { kind: "string", value: "2026-01-01" }],
    ["a:=[1, 2]", { kind: "integers", value: [1n, 2n] }],
    ["a:=[1.5, 2.0]", { kind: "doubles", value: [1.5, 2] }],
    ["a:=[a, b:=c]", { kind: "strings", value: ["a", "b:=c"] }],
    ["a:=[on, off]", { kind: "booleans", value: [true, false] }],
  ])("%s", (argument, value) => {
    expect(parseParameter(argument)).toEqual({ node: "/**", name: "a", value });
  });

  test("for a device and a node", () => {
    const value = { kind: "integer", value: 1n };
    expect(parseParameter("0BADCAFE:arm:limits.max:=1")).toEqual({
      device: "0BADCAFE",
      node: "/arm",
      name: "limits.max",
      value,
    });
    expect(parseParameter("/dev/ttyACM0:a:=1")).toEqual({
      device: "/dev/ttyACM0",
      node: "/**",
      name: "a",
      value,
    });
  });

  test.each([
    ["a", "it is not of the form NAME:=VALUE"],
    ["a:=", "a: a boolean, number, text or a list of one of these is wanted"],
    ["a:={b: 1}", "a: a boolean, number, text or a list of one of these is wanted"],
    ["a:=[1, b]", "a: a list holds values of one type, this one integer and string"],
    ["a:=[1, 1.5]", "a: a list holds values of one type, this one integer and double"],
    ["a:=[[1], [2]]", "a: a list holds values of one type, this one integers and a list"],
    ["a:=[]", "a: an empty list does not tell of what type it is"],
    ["a:=9223372036854775808", "a: 9223372036854775808 does not fit into 64 bits"],
    ["a:=[1", expect.stringContaining("it is no YAML")],
    [":=1", '"" is no name of a parameter'],
    ["a b:=1", '"a b" is no name of a parameter'],
    ["1arm:a:=1", expect.stringContaining('"1arm" in /1arm is no name of a node')],
  ])("%s is refused with where and remedy", (argument, message) => {
    expect(() => parseParameter(argument)).toThrow(
      expect.objectContaining({
        code: "CLI_PARAM",
        message,
        where: `--param ${argument}`,
        remedy: expect.any(String),
      }),
    );
  });
});

describe("--params-file", () => {
  test("nodes, namespaces, wildcards and nested parameters; the last counts", () => {
    const rules = readParametersFile(
      file(`
/**:
  ros__parameters: {speed: 1, name: any}
robot1:
  arm:
    ros__parameters:
      speed: 2
      limits: {max: 3.5, "min.hard": [1, 2]}
/*/leg: {ros__parameters: {speed: 4}}
/robot1/**/foot: {ros__parameters: {speed: 5}}
`),
    );
    const speeds = ["/arm", "/robot1/arm", "/robot1/leg", "/leg", "/robot1/foot", "/robot1/a/b/foot"].map(
      (node) => parametersOf(node, rules).get("speed")?.value,
    );
    expect(speeds).toEqual([1n, 2n, 4n, 1n, 5n, 5n]);
    expect([...parametersOf("/robot1/arm", rules).keys()]).toEqual([
      "speed",
      "name",
      "limits.max",
      "limits.min.hard",
    ]);
  });

  test("for one device", () => {
    const text = "arm: {ros__parameters: {a: 1}}";
    expect(readParametersFile(`0BADCAFE:${file(text)}`)).toMatchObject([
      { device: "0BADCAFE", node: "/arm" },
    ]);
  });

  test.each([
    ["arm: {ros__parameters: {a: }}", "a: a boolean", ""],
    ["arm: {a: 1}", "below /arm/a a map of nodes is wanted", ""],
    ["ros__parameters: {a: 1}", "ros__parameters stands above no node", ""],
    ["arm: {ros__parameters: 1}", "below ros__parameters a map of parameters is wanted", ""],
    ["ar*: {ros__parameters: {a: 1}}", '"ar*" in /ar* is no name', ""],
    ["arm:\n  ros__parameters:\n    a: [1\nb: 2", "it is no YAML", ":4"],
    ["", "below the top a map of nodes is wanted", ""],
  ])("%j is refused", (text, message, line) => {
    const name = file(text);
    expect(() => readParametersFile(name)).toThrow(
      expect.objectContaining({
        code: "CLI_PARAMS_FILE",
        message: expect.stringContaining(message),
        where: name + line,
        remedy: expect.any(String),
      }),
    );
  });

  test("a file that is not there", () => {
    expect(() => readParametersFile("/nowhere/params.yaml")).toThrow(
      expect.objectContaining({ code: "CLI_PARAMS_FILE", where: "/nowhere/params.yaml" }),
    );
  });
});

test("a ParameterEvent carries them as rclpy serializes it", () => {
  const parameters = new Map<string, ParameterValue>([
    ["flag", { kind: "boolean", value: true }],
    ["count", { kind: "integer", value: -(2n ** 63n) }],
    ["speed", { kind: "double", value: 1.5 }],
    ["name", { kind: "string", value: "left" }],
    ["flags", { kind: "booleans", value: [true, false] }],
    ["counts", { kind: "integers", value: [7n, -1n] }],
    ["speeds", { kind: "doubles", value: [0.5] }],
    ["names", { kind: "strings", value: ["a", "bcde"] }],
  ]);
  // rclpy.serialization.serialize_message of Jazzy, without encapsulation; padding octets, which it leaves as they were, zeroed.
  const expected = [
    "05000000060000000c0000002f726f626f74312f61726d000800000005000000666c6167000101000000000000000000",
    "00000000000000000100000000000000000000000000000000000000000000000000000006000000636f756e74000200",
    "000000000000008000000000000000000100000000000000000000000000000000000000000000000000000006000000",
    "73706565640003000000000000000000000000000000f83f010000000000000000000000000000000000000000000000",
    "00000000050000006e616d650004000000000000000000000000000000000000050000006c6566740000000000000000",
    "0000000000000000000000000000000006000000666c6167730006000000000000000000000000000000000000000000",
    "010000000000000000000000020000000100000000000000000000000000000007000000636f756e7473000700000000",
    "000000000000000000000000000000000100000000000000000000000000000002000000000000000700000000000000",
    "ffffffffffffffff00000000000000000700000073706565647300080000000000000000000000000000000000000000",
    "010000000000000000000000000000000000000001000000000000000000e03f00000000060000006e616d6573000900",
    "000000000000000000000000000000000100000000000000000000000000000000000000000000000200000002000000",
    "610000000500000062636465000000000000000000000000",
  ].join("");
  const event = Buffer.from(encodeParameterEvent("/robot1/arm", 5_000_000_006n, parameters));
  expect(event.toString("hex")).toBe(expected);
});
