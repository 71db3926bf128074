/** Type hashes and definitions against the rosidl of a real ROS 2. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { messagesOf, type Scalar, wireFields } from "../../toolchain/interface/definition.js";
import { typeHash } from "../../toolchain/interface/description.js";
import { InterfaceLibrary } from "../../toolchain/interface/library.js";
import type { Mistake } from "../../toolchain/interface/mistake.js";
import { parseDefinition } from "../../toolchain/interface/parse.js";
import { DISTROS, rosEnvironment, rosVenv } from "./ros2.js";

const script = fileURLToPath(new URL("./definitions.py", import.meta.url));

describe.each(DISTROS)("Interfaces against ROS 2 %s", (distro) => {
  let venv: string;
  let library: InterfaceLibrary;

  beforeAll(async () => {
    venv = await rosVenv(distro);
    library = new InterfaceLibrary([{ name: distro, folder: path.join(venv, "share") }]);
  });

  test("every type hash is the announced one", () => {
    const announced = announcedHashes(path.join(venv, "share"));
    const defined = [...announced].filter(([type]) => library.description(type) !== undefined);
    // These four of test_msgs exist as .idl only.
    expect(announced.size - defined.length).toBe(distro === "jazzy" ? 0 : 4);
    for (const [type, hash] of defined) expect(typeHash(library, type), type).toBe(hash);
    console.log(`${distro}: ${defined.length} type hashes`);
    expect(defined.length).toBeGreaterThan(330);
  });

  test("definitions mean what they mean to rosidl", () => {
    const input = CASES.map(([extension, text]) => JSON.stringify({ extension, text, name: "Case" })).join(
      "\n",
    );
    const env = rosEnvironment(venv, 42);
    const output = execFileSync(path.join(venv, "bin", "python"), [script], { env, input, encoding: "utf8" });
    const results = output
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { error?: string; messages?: unknown });
    for (const [i, [extension, text]] of CASES.entries()) {
      const ours = read(extension, text);
      const theirs = results[i] ?? {};
      if (theirs.error !== undefined)
        expect(ours, `${JSON.stringify(text)}: ${theirs.error}`).toHaveProperty("error");
      else expect(ours, JSON.stringify(text)).toEqual(theirs);
    }
  });
});

function announcedHashes(share: string): Map<string, string> {
  const hashes = new Map<string, string>();
  for (const name of readdirSync(share, { recursive: true, encoding: "utf8" })) {
    if (!/^[a-z0-9_]+\/(msg|srv|action)\/\w+\.json$/.test(name)) continue;
    const { type_hashes } = JSON.parse(readFileSync(path.join(share, name), "utf8")) as {
      type_hashes: { type_name: string; hash_string: string }[];
    };
    for (const { type_name, hash_string } of type_hashes) hashes.set(type_name, hash_string);
  }
  return hashes;
}

type Extension = "msg" | "srv" | "action";

/** In the form definitions.py prints. */
function read(folder: Extension, text: string): unknown {
  const mistakes: Mistake[] = [];
  const source = { file: "Case", package: "some_package", folder, name: "Case", text };
  const definition = parseDefinition(source, mistakes);
  if (mistakes.length > 0) return { error: mistakes[0]?.reason };
  const parts = messagesOf(definition).slice(0, { msg: 1, srv: 2, action: 3 }[folder]);
  const messages = parts.map((message) => [
    message.typeName.split("/")[2],
    {
      fields: wireFields(message).map(({ name, type, defaultValue }) => [
        name,
        defaultValue === undefined ? null : shown(defaultValue, isFloat(type.element)),
      ]),
      constants: message.constants.map(({ name, type, value }) => [name, shown(value, isFloat(type))]),
    },
  ]);
  return { messages: Object.fromEntries(messages) as unknown };
}

function isFloat(type: { kind: string; name?: string }): boolean {
  return type.kind === "primitive" && type.name?.startsWith("float") === true;
}

/** Python's str() of the values that occur below. */
function shown(value: Scalar | readonly Scalar[], float: boolean, inside = false): string {
  if (Array.isArray(value)) {
    const items = (value as readonly Scalar[]).map((item) => shown(item, float, true));
    return `(${items.join(", ")}${items.length === 1 ? "," : ""})`;
  }
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "string" && inside) return value.includes("'") ? `"${value}"` : `'${value}'`;
  return float && Number.isInteger(value) && Number(value) < 1e16 ? `${value}.0` : String(value);
}

const CASES: readonly (readonly [Extension, string])[] = [
  // Strings
  ...[
    'string s "a\\tb"',
    'string s "a\\\\tb"',
    "string s 'it\\'s'",
    'string s "q\\"q"',
    "string s hello world",
    'string s "a#b"',
    'string s ""',
    "string s ''",
    'string s "',
    "string S=",
    'string S=""',
    "string s \\",
    'string s "a\\"',
    "string s 'a\"b'",
    'string s a"b',
    'string s "a"b"',
    'string s " a "',
    "string s  a ",
    "string S= a b ",
    "string S=a#b",
    'string S="a=b"',
    'string s "a=b"',
    'string<=3 s "abc"',
    'string<=3 s "abcd"',
    'wstring w "Grüße"',
    'string s "é"',
    'string s "\\x41"',
    'string s "\\101"',
    'string s "\\q"',
    // Lists of strings
    'string[] s ["a","b"]',
    "string[] s [a, b]",
    'string[] s ["it\\"s"]',
    "string[] s ['a\"b']",
    "string[] s []",
    'string[2] s ["a,b", c]',
    'string[] s ["a"',
    "string[] s [,]",
    'string[] s ["a",]',
    'string[<=1] s ["a", "b"]',
    'string<=2[] s ["abc"]',
    // Numbers
    "int32[] a [1, 2,3]",
    "int32[] a []",
    "int32[2] a [1]",
    "int32[<=2] a [1,2,3]",
    "int32[] a [0x10,-5]",
    "int32[] a [1,]",
    "int32[] a 1",
    "bool[] b [true,FALSE,1]",
    "float64[] f [1, 2.5, 1e3]",
    "int32 a 0x10",
    "int32 a 0b11",
    "int32 a 0o17",
    "int32 a 017",
    "int32 a 1_000",
    "int32 a 1__0",
    "int32 a _1",
    "int32 a +5",
    "int32 a - 5",
    "int32 a 1.0",
    "int32 a 1 2",
    "int32 a 2147483648",
    "int32 a -2147483649",
    "uint8 a -1",
    "uint8 a 256",
    "char c 65",
    "char c 'A'",
    "byte b 255",
    "byte b 256",
    "bool b True",
    "bool b 2",
    "bool b yes",
    "float64 f 1e-5x",
    "float64 f .5",
    "float64 f 5.",
    "float64 f .",
    "float64 f e5",
    "float64 f 0x1p3",
    "float64 f 1_0.5",
    "float64 f 1,5",
    "float64 F=0.25",
    "int64 I=-9223372036854775808",
    "int64 I=-9223372036854775809",
    "uint64 U=18446744073709551615",
    "uint64 U=18446744073709551616",
    "bool B=true",
    "char C=5",
    // Types
    'string<=5 S="a"',
    "int32[] A=[1]",
    "other_package/Foo f",
    "Foo f",
    "Header h",
    "other_package/msg/Foo f",
    "Other/Foo f",
    "other_package/foo f",
    "other_package/Foo f 5",
    "other_package/Foo[] f []",
    "time t",
    "duration d",
    "float a",
    "int a",
    "octet a",
    "wchar a",
    "int32[][] a",
    "int32[0] a",
    "int32[-1] a",
    "int32[<=0] a",
    "int32[<3] a",
    "int32[ 3] a",
    "int32[+3] a",
    "int32[3 a",
    "int32] a",
    "string<=0 s",
    "string<=x s",
    "string<5 s",
    "string<=5[3] s",
    "string<=5[<=3] s",
    "wstring<=7 w",
    "string<= 5 s",
    "string <=5 s",
    "int32<=5 a",
    // Lines
    "int32",
    "int32 ",
    "  int32 a",
    "\tint32 a",
    "int32\ta",
    "int32   a   5",
    "int32 a]",
    "int32 a 5#c",
    "int32 a#c",
    "int32 a # c = d",
    "int32 A = 5",
    "int32 A= 5 # c",
    "int32 A 5",
    "int32 a=5",
    "---",
    "int32 a\n---",
    "@optional\nint32 a",
    "int32 a\r\nint32 b\r",
    "int32 a\fint32 b",
    "int32 a\u0085int32 b",
    "\ufeffint32 a",
    "",
    "\n\n",
    "# only a comment",
    "   # indented comment",
    "   ",
    // Names
    "int32 A_",
    "int32 _a",
    "int32 a__b",
    "int32 a_",
    "int32 aB",
    "int32 1a",
    "int32 a1_b2",
    "int32 A__B=1",
    "int32 AB_=1",
    "int32 Ab=1",
    "int32 A1_B2=1",
    "int32 a\nint32 a",
    "int32 A=1\nint32 A=2",
    "int32 a\nint64 A=5",
    "uint8 structure_needs_at_least_one_member",
  ].map((text) => ["msg", text] as const),
  ...[
    "int32 a\n---\nint32 b",
    "int32 a",
    "int32 a\n--- \nint32 b",
    "int32 a\n----",
    " ---",
    "--- # c",
    "---",
    "---\n---",
  ].flatMap((text) => [["srv", text] as const, ["action", text] as const]),
  ["srv", "int32 a\n---\r\nint32 a"],
  ["srv", "a\n---"],
  ["srv", "int32 a\nint32 a\n---"],
  ["action", "int32 a\n---\nint32 a\n---\nint32 a"],
  ["action", "---\n---\n---"],
];
