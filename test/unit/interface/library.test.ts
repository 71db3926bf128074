import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { checkInterfaces } from "../../../toolchain/interface/check.js";
import { InterfaceLibrary } from "../../../toolchain/interface/library.js";
import { INTERFACE_LIMITS } from "../../../toolchain/interface/limits.js";
import { InterfaceError } from "../../../toolchain/interface/mistake.js";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "rosehip-interfaces-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** @param files text by `SOURCE/PACKAGE/msg/NAME.msg` */
function library(files: Readonly<Record<string, string | Uint8Array>>): InterfaceLibrary {
  const names = new Set<string>();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
    names.add(name.split("/")[0] ?? "");
  }
  return new InterfaceLibrary([...names].map((name) => ({ name, folder: path.join(folder, name) })));
}

function mistakesOf(files: Readonly<Record<string, string | Uint8Array>>, ...types: string[]): string[] {
  try {
    checkInterfaces(library(files), types);
  } catch (error) {
    if (!(error instanceof InterfaceError)) throw error;
    return error.mistakes.map(({ code, position, reason }) => {
      const file = path.isAbsolute(position.file) ? path.relative(folder, position.file) : position.file;
      return `${code} ${file}:${position.line}:${position.column} ${reason}`;
    });
  }
  return [];
}

describe("sources", () => {
  test("the first that has a type is used; one that differs is reported", () => {
    const lib = library({
      "project/a/msg/One.msg": "int32 x",
      "ros/a/msg/One.msg": "int32 x\nint32 y",
      "ros/a/msg/Two.msg": "One one # as the project has it",
      "shipped/a/msg/One.msg": "int32    x # the same but for this",
      "shipped/a/msg/Two.msg": "a/One one",
    });
    expect(checkInterfaces(lib, ["a/msg/Two"]).map(({ typeName }) => typeName)).toEqual([
      "a/msg/One",
      "a/msg/Two",
    ]);
    expect(lib.message("a/msg/One")?.fields).toHaveLength(1);
    expect(lib.conflicts).toEqual([
      {
        typeName: "a/msg/One",
        used: path.join(folder, "project/a/msg/One.msg"),
        ignored: path.join(folder, "ros/a/msg/One.msg"),
      },
    ]);
  });

  test("packages and types are those of all sources", () => {
    const lib = library({
      "project/b/srv/Do.srv": "---",
      "ros/a/msg/One.msg": "",
      "ros/b/action/Go.action": "---\n---",
      "ros/b/cmake/x.cmake": "",
      "ros/not-a-package/msg/One.msg": "",
      "ros/no_interfaces/lib/x": "",
    });
    expect(lib.packages()).toEqual(["a", "b"]);
    expect(lib.typesIn("b")).toEqual(["b/action/Go", "b/srv/Do"]);
    expect(lib.typesIn("nothing")).toEqual([]);
  });

  test("parts of services and actions are found by their names", () => {
    const lib = library({ "p/b/srv/Do.srv": "int8 x\n---", "p/b/action/Go.action": "int8 g\n---\n---" });
    expect(lib.message("b/srv/Do_Request")?.fields[0]?.name).toBe("x");
    expect(lib.message("b/action/Go_SendGoal_Request")?.fields.map(({ name }) => name)).toEqual([
      "goal_id",
      "goal",
    ]);
    expect(lib.message("b/srv/Do")).toBeUndefined();
    expect(lib.message("b/srv/Do_Goal")).toBeUndefined();
  });

  test("a type name never leads out of the folders", () => {
    const lib = library({ "outside/a/msg/One.msg": "", "project/x/msg/One.msg": "" });
    const inner = new InterfaceLibrary([{ name: "inner", folder: path.join(folder, "project") }]);
    expect(lib.message("a/msg/One")).toBeDefined();
    for (const name of [
      "../outside/a/msg/One",
      "..",
      "x/msg/../../../outside/a/msg/One",
      "x/../One",
      "",
      "x/msg/One\0",
    ]) {
      expect(inner.file(name), name).toBeUndefined();
    }
  });
});

describe("mistakes across files", () => {
  test("all of them are reported, in whatever file", () => {
    expect(
      mistakesOf(
        {
          "p/a/msg/One.msg": "b/Two two\nfloat x",
          "p/b/msg/Two.msg": "int8 Y\nb/Three three\nHeader header",
        },
        "a/msg/One",
        "a/msg/Zero",
      ),
    ).toEqual([
      "IDL_TYPE p/a/msg/One.msg:2:1 'float' is not a type",
      "IDL_NAME p/b/msg/Two.msg:1:6 'Y' is not a field name",
      "IDL_UNKNOWN_TYPE p/b/msg/Two.msg:2:1 Field 'three' is of unknown type b/Three",
      "IDL_UNKNOWN_TYPE p/b/msg/Two.msg:3:1 Field 'header' is of unknown type b/Header",
      "IDL_UNKNOWN_TYPE a/msg/Zero:1:1 There is no interface a/msg/Zero in p",
    ]);
  });

  test.each([
    ["itself", { "p/a/msg/A.msg": "A a" }, "a/msg/A → a/msg/A"],
    ["itself in a sequence", { "p/a/msg/A.msg": "int8 x\nA[] a" }, "a/msg/A → a/msg/A"],
    [
      "another that contains it",
      { "p/a/msg/A.msg": "b/B b", "p/b/msg/B.msg": "C c", "p/b/msg/C.msg": "a/A[2] a" },
      "a/msg/A → b/msg/B → b/msg/C → a/msg/A",
    ],
  ])("a message can't contain %s", (_, files, cycle) => {
    const [mistake, ...others] = mistakesOf(files, "a/msg/A");
    expect(mistake).toMatch(/^IDL_CYCLE /);
    expect(mistake).toContain(cycle);
    expect(others).toEqual([]);
  });

  test("nesting ends at the limit, whichever message is looked at first", () => {
    const { nesting } = INTERFACE_LIMITS;
    const chain = (length: number) =>
      Object.fromEntries(
        Array.from({ length }, (_, i) => [`p/a/msg/M${i}.msg`, i + 1 < length ? `M${i + 1} m` : "int8 x"]),
      );
    expect(mistakesOf(chain(nesting), "a/msg/M0")).toEqual([]);
    expect(mistakesOf(chain(nesting + 1), "a/msg/M0")).toHaveLength(1);
    expect(mistakesOf(chain(nesting + 1), "a/msg/M20", "a/msg/M10", "a/msg/M0")).toHaveLength(1);
    expect(mistakesOf(chain(3000), "a/msg/M0")[0]).toMatch(/^IDL_LIMIT /);
  });

  test("a message's fixed part has a limit", () => {
    const most = INTERFACE_LIMITS.fixedOctets;
    expect(mistakesOf({ "p/a/msg/A.msg": `uint8[${most}] x` }, "a/msg/A")).toEqual([]);
    expect(mistakesOf({ "p/a/msg/A.msg": `uint8[${most}] x\nbool y` }, "a/msg/A")[0]).toMatch(/^IDL_LIMIT /);
    const nested = { "p/a/msg/A.msg": "B[5000] x", "p/a/msg/B.msg": "C[5000] x", "p/a/msg/C.msg": "" };
    expect(mistakesOf(nested, "a/msg/A")[0]).toMatch(/^IDL_LIMIT /);
  });

  test("a file must be UTF-8 text of limited size", () => {
    expect(mistakesOf({ "p/a/msg/A.msg": Uint8Array.of(0x69, 0xff) }, "a/msg/A")[0]).toMatch(
      /^IDL_FILE .*A.msg:1:1/,
    );
    const large = "#".repeat(INTERFACE_LIMITS.fileOctets + 1);
    expect(mistakesOf({ "p/a/msg/A.msg": large }, "a/msg/A")[0]).toMatch(/^IDL_LIMIT .*A.msg:1:1/);
    expect(mistakesOf({ "p/a/msg/A.msg": large.slice(1) }, "a/msg/A")).toEqual([]);
  });

  test("more than the limit are cut, which the error says", () => {
    const lib = library({ "p/a/msg/A.msg": "int8\n".repeat(500) });
    expect(() => checkInterfaces(lib, ["a/msg/A"])).toThrow(/There may be more/);
  });

  test("the error names the first mistake and lists all", () => {
    const lib = library({ "p/a/msg/A.msg": "int8\nint8 B" });
    try {
      checkInterfaces(lib, ["a/msg/A"]);
      expect.unreachable();
    } catch (error) {
      if (!(error instanceof InterfaceError)) throw error;
      expect(error.code).toBe("IDL_SYNTAX");
      expect(error.where).toBe(`${path.join(folder, "p/a/msg/A.msg")}:1:1`);
      expect(error.message.split("\n")).toHaveLength(3);
      expect(error.message).toContain(
        "A.msg:2:6: 'B' is not a field name. Write int8 B=VALUE for a constant.",
      );
    }
  });
});
