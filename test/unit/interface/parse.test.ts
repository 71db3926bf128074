import { describe, expect, test } from "vitest";
import type { MessageDefinition } from "../../../toolchain/interface/definition.js";
import { INTERFACE_LIMITS } from "../../../toolchain/interface/limits.js";
import type { Mistake } from "../../../toolchain/interface/mistake.js";
import { type DefinitionSource, parseDefinition } from "../../../toolchain/interface/parse.js";

const FILE = "interfaces/some_package/msg/Case.msg";

function parse(text: string, more: Partial<DefinitionSource> = {}) {
  const mistakes: Mistake[] = [];
  const definition = parseDefinition(
    { file: FILE, package: "some_package", folder: "msg", name: "Case", text, ...more },
    mistakes,
  );
  return { definition, mistakes };
}

/** CODE LINE:COLUMN of every mistake. */
function placesOf(text: string, more: Partial<DefinitionSource> = {}): string[] {
  return parse(text, more).mistakes.map(
    ({ code, position }) => `${code} ${position.line}:${position.column}`,
  );
}

function message(text: string): MessageDefinition {
  const { definition, mistakes } = parse(text);
  expect(mistakes).toEqual([]);
  return definition as MessageDefinition;
}

describe("a message", () => {
  test("has fields and constants in the order written", () => {
    const { fields, constants } = message(
      "int32 b\nstring<=4[<=2] a ['x']\n\nuint8 ONE=1 # one\n# end\nfloat64[3] c",
    );
    expect(fields.map(({ name }) => name)).toEqual(["b", "a", "c"]);
    expect(fields[1]).toEqual({
      name: "a",
      type: {
        element: { kind: "string", wide: false, bound: 4 },
        multiplicity: { kind: "sequence", bound: 2 },
      },
      defaultValue: ["x"],
      position: { file: FILE, line: 2, column: 1 },
    });
    expect(constants).toEqual([{ name: "ONE", type: { kind: "primitive", name: "uint8" }, value: 1 }]);
  });

  test("a bare type name is one of the same package, Header too", () => {
    const [header, other] = message("Header header\nstd_msgs/Header[] other").fields;
    expect(header?.type.element).toEqual({ kind: "message", typeName: "some_package/msg/Header" });
    expect(other?.type.element).toEqual({ kind: "message", typeName: "std_msgs/msg/Header" });
  });

  test("64-bit values keep all their bits", () => {
    const { fields } = message("int64 a -9223372036854775808\nuint64 b 18446744073709551615");
    expect(fields.map(({ defaultValue }) => defaultValue)).toEqual([-(2n ** 63n), 2n ** 64n - 1n]);
  });

  test("floats can't be infinite or NaN, which rosidl takes and its C code does not compile with", () => {
    for (const value of ["nan", "inf", "-inf", "1e400"])
      expect(placesOf(`float64 f ${value}`)).toEqual(["IDL_VALUE 1:11"]);
    expect(placesOf("float32 f 1e39")).toEqual(["IDL_VALUE 1:11"]);
    expect(placesOf("float64 f 1e39")).toEqual([]);
  });

  test("escapes that rosidl can't write to a file are decoded as well", () => {
    const { fields, constants } = message('string s "é\\n"\nstring[] t ["ü"]\nstring S="\\u00e9"');
    expect(fields.map(({ defaultValue }) => defaultValue)).toEqual(["é\n", ["ü"]]);
    expect(constants[0]?.value).toBe("é");
  });
});

describe("a mistake says where it is", () => {
  test.each([
    ["int32", ["IDL_SYNTAX 1:1"]],
    ["\n\n  int32 a", ["IDL_SYNTAX 3:1"]],
    ["int32  aB", ["IDL_NAME 1:8"]],
    ["int32 a_", ["IDL_NAME 1:7"]],
    ["int32   Ab = 1", ["IDL_NAME 1:9"]],
    ["float a", ["IDL_TYPE 1:1"]],
    ["int32[0] a", ["IDL_TYPE 1:1"]],
    ["int32[2147483648] a", ["IDL_LIMIT 1:1"]],
    ["string<=x a", ["IDL_TYPE 1:1"]],
    ["int32[] A=1", ["IDL_TYPE 1:1"]],
    ["a/msg/B c", ["IDL_TYPE 1:1"]],
    ["int8 a   128", ["IDL_VALUE 1:10"]],
    ["int8 A = 128", ["IDL_VALUE 1:10"]],
    ["int8[2] a [1]", ["IDL_VALUE 1:11"]],
    ["std_msgs/Empty a 1", ["IDL_VALUE 1:18"]],
    ['string a "x"y"', ["IDL_VALUE 1:10"]],
    ["int32 a\nint32 b\nint32 a", ["IDL_DUPLICATE 3:7"]],
    ["int32 A=1\nint32 A=2", ["IDL_DUPLICATE 2:7"]],
    ["\ufeffint32 a", ["IDL_FILE 1:1"]],
    ["---", ["IDL_SYNTAX 1:1"]],
  ])("%j", (text, places) => {
    expect(placesOf(text)).toEqual(places);
  });

  test("all of them are found in one go, and each has a remedy", () => {
    const { mistakes } = parse("float a\nint32 B\nint8 c 300\nint32\nint32 d\nint32 d");
    expect(mistakes.map(({ code, position }) => `${code} ${position.line}`)).toEqual([
      "IDL_TYPE 1",
      "IDL_NAME 2",
      "IDL_VALUE 3",
      "IDL_SYNTAX 4",
      "IDL_DUPLICATE 6",
    ]);
    for (const { reason, remedy } of mistakes) {
      expect(reason).not.toBe("");
      expect(remedy).not.toBe("");
    }
    expect(mistakes[0]?.remedy).toBe("Write float32");
  });

  test("no more than the limit are listed", () => {
    expect(placesOf("int32\n".repeat(500))).toHaveLength(INTERFACE_LIMITS.mistakes);
  });

  test("a file has a limit of lines", () => {
    const { fileLines } = INTERFACE_LIMITS;
    expect(placesOf("\n".repeat(fileLines - 1))).toEqual([]);
    expect(placesOf("\n".repeat(fileLines))).toEqual([`IDL_LIMIT ${fileLines + 1}:1`]);
  });
});

describe("services and actions", () => {
  test.each([
    ["srv", "int32 a", ["IDL_SEPARATOR 1:1"]],
    ["srv", "int32 a\n---\n---", ["IDL_SEPARATOR 3:1"]],
    ["srv", "int32 a\n--- \nint32 b", ["IDL_SEPARATOR 2:1"]],
    ["action", "int32 a\n---\nint32 b", ["IDL_SEPARATOR 3:1"]],
    ["action", "---\n---\n---", ["IDL_SEPARATOR 3:1"]],
    ["action", "---\n---\nint32 A", ["IDL_NAME 3:7"]],
  ] as const)("%s %j", (folder, text, places) => {
    expect(placesOf(text, { folder })).toEqual(places);
  });

  test("a service has request, response and event", () => {
    const { definition } = parse("int32 a\n---\nint32 b", { folder: "srv" });
    if (definition.kind !== "service") throw new Error(definition.kind);
    expect(definition.request.typeName).toBe("some_package/srv/Case_Request");
    expect(definition.event.fields.map(({ name }) => name)).toEqual(["info", "request", "response"]);
  });
});

describe("names that come from the place of the file", () => {
  test.each([
    ["msg", "Case", []],
    ["msg", "Case_Request", []],
    ["msg", "case", ["IDL_NAME 1:1"]],
    ["msg", "Some_Case", ["IDL_NAME 1:1"]],
    ["srv", "Case_Request", ["IDL_NAME 1:1"]],
  ] as const)("%s/%s", (folder, name, places) => {
    expect(placesOf(folder === "msg" ? "" : "---", { folder, name })).toEqual(places);
  });

  test.each(["Package", "a__b", "a_", "1a", "a-b"])("package %s", (name) => {
    expect(placesOf("", { package: name })).toEqual(["IDL_NAME 1:1"]);
  });
});
