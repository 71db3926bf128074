import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { generateInterfaces, interfaceSources } from "../../../toolchain/interface/gen.js";
import { InterfaceError } from "../../../toolchain/interface/mistake.js";
import { projectFile } from "../../../toolchain/project.js";

let project: string;
let outDir: string;

beforeEach(() => {
  project = mkdtempSync(path.join(tmpdir(), "rosehip-gen-"));
  outDir = path.join(project, "build", "interfaces");
});
afterEach(() => rmSync(project, { recursive: true }));

function generate(...packages: string[]) {
  return generateInterfaces({ project, packages, outDir, sources: interfaceSources(project, {}) });
}

function define(name: string, text: string): void {
  const file = path.join(project, "interfaces", name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}

const read = (name: string) => readFileSync(path.join(outDir, name), "utf8");
const names = (files: readonly string[]) => files.map((file) => path.relative(outDir, file)).sort();

describe("what is generated", () => {
  test("is a type and what it refers to, and no more", () => {
    const { files } = generate("std_srvs/srv/Trigger");
    expect(names(files)).toEqual(["builtin_interfaces/msg.ts", "service_msgs/msg.ts", "std_srvs/srv.ts"]);
    expect(read("std_srvs/srv.ts")).not.toContain("SetBool");
    expect(read("builtin_interfaces/msg.ts")).not.toContain("class Duration");
  });

  test("is a folder, or a package", () => {
    expect(names(generate("example_interfaces/action").files)).not.toContain("example_interfaces/srv.ts");
    expect(names(generate("example_interfaces").files)).toEqual(
      expect.arrayContaining(["action", "msg", "srv"].map((kind) => `example_interfaces/${kind}.ts`)),
    );
  });

  test("a response tells its caller of a fault in the fields it has for that", () => {
    define("a/srv/Both.srv", "---\nbool success\nstring<=4 message");
    define("a/srv/Neither.srv", "bool success\nstring message\n---\nbool[] success\nint32 message");
    generate("a");
    const [both = "", neither = ""] = read("a/srv.ts").split("class Neither_Request");
    expect(both).toContain("this.success = false;\n    this.message = reason.slice(0, 4);");
    expect(neither).not.toContain("fault");
  });

  test("reserved names get an underscore", () => {
    define("delete/msg/Message.msg", "int8 static\nint8 serialize\nint8 data");
    define("a/msg/User.msg", "delete/Message message");
    generate("a");
    const text = read("delete/msg.ts");
    expect(text).toContain('import { Message as Message_, MessageType } from "rosehip/assembly/interface";');
    expect(text).toContain(
      "export class Message extends Message_ {\n  static_: i8 = 0;\n  serialize_: i8 = 0;\n  data: i8",
    );
    expect(read("a/msg.ts")).toContain("message: delete_.Message = new delete_.Message();");
  });
});

describe("a second run", () => {
  test("writes nothing", () => {
    const first = generate("nav_msgs");
    expect(first.written).toEqual(first.files);
    const times = first.files.map((file) => statSync(file).mtimeMs);
    const second = generate("nav_msgs");
    expect(second.written).toEqual([]);
    expect(second.files.map((file) => statSync(file).mtimeMs)).toEqual(times);
  });

  test("writes what changed, and removes what is no longer needed but was generated", () => {
    define("a/msg/One.msg", "int8 x");
    define("b/msg/Two.msg", "int8 x");
    generate("a", "b");
    mkdirSync(path.join(outDir, "mine"));
    writeFileSync(path.join(outDir, "mine", "msg.ts"), "// by hand\n");
    define("a/msg/One.msg", "int8 y");
    expect(names(generate("a").written)).toEqual(["a/msg.ts"]);
    expect(() => read("b/msg.ts")).toThrow();
    expect(read("mine/msg.ts")).toBe("// by hand\n");
  });
});

describe("mistakes", () => {
  test("a package nobody has", () => {
    expect(() => generate("no_such_package")).toThrow(InterfaceError);
    expect(() => generate("std_msgs/srv")).toThrow(/There is no interface std_msgs\/srv/);
  });

  test("nothing is written if there are any", () => {
    define("a/msg/One.msg", "int8");
    expect(() => generate("std_msgs", "a")).toThrow(InterfaceError);
    expect(() => read("std_msgs/msg.ts")).toThrow();
  });

  test("types the project defines otherwise than what ships are reported", () => {
    define("std_srvs/srv/Trigger.srv", "---\nbool success");
    expect(generate("std_srvs/srv/Trigger").conflicts).toEqual([
      {
        typeName: "std_srvs/srv/Trigger",
        used: path.join(project, "interfaces/std_srvs/srv/Trigger.srv"),
        ignored: projectFile("interfaces/std_srvs/srv/Trigger.srv"),
      },
    ]);
  });
});

test("definitions come from the project, then AMENT_PREFIX_PATH in its order, then Rosehip", () => {
  const environment = { AMENT_PREFIX_PATH: ["/home/me/install", "", "/opt/ros/jazzy"].join(path.delimiter) };
  expect(interfaceSources("/home/me/app", environment).map(({ folder }) => folder)).toEqual([
    "/home/me/app/interfaces",
    "/home/me/install/share",
    "/opt/ros/jazzy/share",
    projectFile("interfaces"),
  ]);
});
