import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import binaryen from "assemblyscript/binaryen";
import { beforeEach, describe, expect, it } from "vitest";
import { RosehipError } from "../../host-agent/src/errors.js";
import { buildApp } from "../../toolchain/build/build.js";
import { projectFile } from "../../toolchain/project.js";

const EXAMPLE = projectFile("examples/add_two_ints");

describe("building an app", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "rosehip-build-"));
  });

  const write = (name: string, text: string) => {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  };

  async function mistakeOf(build: Promise<unknown>): Promise<RosehipError> {
    const error = await build.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (!(error instanceof RosehipError)) throw new Error("no RosehipError", { cause: error });
    return error;
  }

  it("makes a module with the exports of the ABI and nothing else", async () => {
    const { wasm, wasmPath, size, warnings } = await buildApp({ entry: EXAMPLE, outDir: folder });
    expect(warnings).toEqual([]);
    const module = new WebAssembly.Module(wasm);
    expect(
      WebAssembly.Module.exports(module)
        .map(({ name, kind }) => `${kind} ${name}`)
        .sort(),
    ).toEqual([
      "function rosehip_poll",
      "global rosehip_abi_version",
      "global rosehip_memory_bytes",
      "memory memory",
    ]);
    expect(WebAssembly.Module.imports(module).every((needed) => needed.module === "rosehip")).toBe(true);
    expect(readFileSync(wasmPath)).toEqual(Buffer.from(wasm));
    expect(size.total).toBe(wasm.byteLength);
    expect(size.code).toBe(
      size.functions.reduce((sum, { octets }) => sum + octets, 0) + codeOverhead(size.functions),
    );
    expect(size.total).toBeLessThan(16 * 1024);
    expect(size.staticMemory).toBeLessThan(5 * 1024);
    expect(JSON.parse(readFileSync(path.join(folder, "size.json"), "utf8"))).toEqual(size);
    expect(JSON.parse(readFileSync(`${wasmPath}.map`, "utf8")).sources).toContain("app.ts");
  });

  it("makes the same module each time, whatever Binaryen was told before in the process", async () => {
    const first = await buildApp({ entry: EXAMPLE, outDir: folder });
    // As another asc may leave it behind: the options belong to the process.
    binaryen.setOptimizeLevel(0);
    binaryen.setShrinkLevel(0);
    binaryen.setAlwaysInlineMaxSize(100);
    binaryen.setFlexibleInlineMaxSize(100);
    binaryen.setOneCallerInlineMaxSize(200);
    binaryen.setFastMath(false);
    binaryen.setClosedWorld(false);
    binaryen.setDebugInfo(false);
    for (let again = 0; again < 2; again++) {
      const { wasm, size } = await buildApp({ entry: EXAMPLE, outDir: folder });
      expect(Buffer.compare(wasm, first.wasm)).toBe(0);
      expect(size).toEqual(first.size);
    }
  });

  it("keeps names of functions if asked", async () => {
    const { wasm } = await buildApp({ entry: EXAMPLE, outDir: folder, names: true });
    expect(WebAssembly.Module.customSections(new WebAssembly.Module(wasm), "name")).toHaveLength(1);
  });

  it("tells mistakes with their places", async () => {
    write("app.ts", 'import { Node } from "rosehip/assembly";\n\nconst node = new Node(7);\nnode.fly();\n');
    const error = await mistakeOf(buildApp({ entry: folder }));
    expect(error.code).toBe("BUILD_COMPILE");
    const lines = error.message.split("\n").map((line) => line.replace(/^.*app\.ts/, "app.ts"));
    expect(lines[0]).toMatch(
      /^app\.ts:3:23: AS\d+: Type 'i32' is not assignable to type '~lib\/string\/String'\.$/,
    );
    expect(lines.some((line) => /^app\.ts:4:6: AS2339: Property 'fly' does not exist/.test(line))).toBe(true);
  });

  it("tells mistakes in interface definitions", async () => {
    write("interfaces/my_robot/srv/Move.srv", "float64 x\nflot64 y\n---\nbool success\n");
    write("app.ts", 'import { Move } from "my_robot/srv";\nMove.requestName;\n');
    const error = await mistakeOf(buildApp({ entry: folder }));
    expect(error.where).toMatch(/Move\.srv:2/);
    expect(error.message).toMatch(/flot64/);
  });

  it("tells imports that are not there", async () => {
    write("app.ts", 'import { Move } from "no_such_package/srv";\nMove.requestName;\n');
    expect((await mistakeOf(buildApp({ entry: folder }))).message).toMatch(/app\.ts:1:22: .*no_such_package/);
  });

  it.each([
    ["a package", 'import { A } from "std_srv/srv";\nA.x;\n', /known: .*std_srvs/],
    ["a type", 'import { Triger } from "std_srvs/srv";\nTriger.x;\n', /std_srvs\/srv has .*Trigger/],
    [
      "a variable of the function around a callback",
      'import { Node } from "rosehip/assembly";\nconst node = new Node("n");\n' +
        "function f(): void {\n  let local = 5;\n  node.createTimer(1, () => {\n    local++;\n  });\n}\nf();\n",
      /declared at the top of the file/,
    ],
    [
      "await",
      'import { sleep } from "rosehip/assembly";\nasync function f() { await sleep(1); }\n',
      /without async/,
    ],
    ["try", "try { trace('x'); } catch { trace('y'); }\n", /no try and catch/],
    [
      "a message's class for its type",
      'import { Node } from "rosehip/assembly";\nimport { String } from "std_msgs/msg";\n' +
        'new Node("n").createPublisher(String, "t");\n',
      /String_Type for String/,
    ],
  ])("tells what to do about %s", async (_what, text, remedy) => {
    write("app.ts", text);
    const error = await mistakeOf(buildApp({ entry: folder }));
    expect(error).toMatchObject({ code: "BUILD_COMPILE", remedy: expect.stringMatching(remedy) });
  });

  it.each([
    ['@external("env", "led") declare function led(on: bool): void;\nled(true);\n', "env.led"],
    ["if (Date.now() == 0) unreachable();\n", "env.Date.now"],
  ])("refuses an app that needs what no firmware has: %s", async (text, name) => {
    write("app.ts", text);
    const error = await mistakeOf(buildApp({ entry: folder }));
    expect(error).toMatchObject({ code: "BUILD_INTERFACE", message: expect.stringContaining(name) });
  });

  it("refuses static data that does not fit the memory", async () => {
    write("app.ts", `import { Node } from "rosehip/assembly";\nnew Node("${"n".repeat(2000)}");\n`);
    const error = await mistakeOf(buildApp({ entry: folder, memory: 4096 }));
    expect(error.message).toMatch(/Low memory limit exceeded by static data/);
  });

  it.each([
    ['{"memory": 16000.5}', /"memory" is to be a multiple of 16/],
    ['{"memory": 100000}', /"memory" is to be a multiple of 16/],
    ['{"memory": "16384"}', /"memory" is to be a multiple of 16/],
    ['{"entry": 7}', /"entry" is to be a path/],
    ['{"stak": 7}', /"stak" is not a setting; there are entry, memory/],
    ["[]", /it is to be a JSON object/],
    ["{", /it is not JSON/],
  ])("refuses the configuration %s", async (text, reason) => {
    write("rosehip.config.json", text);
    const error = await mistakeOf(buildApp({ entry: folder }));
    expect(error.code).toBe("BUILD_CONFIG");
    expect(error.message).toMatch(reason);
    expect(error.where).toMatch(/rosehip\.config\.json$/);
  });

  it("takes the configuration from package.json", async () => {
    write("package.json", '{"name": "app", "rosehip": {"entry": "src/main.ts", "memory": 8192}}');
    write("src/main.ts", 'import { Node } from "rosehip/assembly";\nnew Node("n");\n');
    const { size, wasmPath } = await buildApp({ entry: folder });
    expect(size.memory).toBe(8192);
    expect(wasmPath).toBe(path.join(folder, "build", "app.wasm"));
  });

  it("refuses an app without its main file", async () => {
    expect((await mistakeOf(buildApp({ entry: folder }))).code).toBe("BUILD_NO_ENTRY");
  });

  it("gives editors the types of an app: they show no mistake in it", async () => {
    const { wasmPath } = await buildApp({ entry: EXAMPLE });
    expect(existsSync(path.join(path.dirname(wasmPath), "interfaces/example_interfaces/srv.ts"))).toBe(true);
    const tsc = projectFile("node_modules/typescript/bin/tsc");
    const { stdout } = spawnSync(process.execPath, [tsc, "-p", EXAMPLE, "--noEmit", "--listFiles"], {
      cwd: projectFile(),
      encoding: "utf8",
    });
    expect(stdout).toContain(path.join(EXAMPLE, "app.ts"));
    expect(stdout.split("\n").filter((line) => /^examples\/.*error TS/.test(line))).toEqual([]);
  });
});

/** The section's count of functions, and the length in front of each body. */
function codeOverhead(functions: readonly { readonly octets: number }[]): number {
  const leb = (value: number) => (value < 128 ? 1 : value < 16384 ? 2 : 3);
  return leb(functions.length) + functions.reduce((sum, { octets }) => sum + leb(octets), 0);
}
