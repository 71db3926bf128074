import { readdir, readFile } from "node:fs/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { projectFile } from "../../toolchain/project.js";
import { availableCompilers, build, coreSources, runUnity } from "./c_test.js";
import { writeVectors } from "./vectors.js";

/** What each test program needs besides the core. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  test_float: [],
  test_framing: [],
  test_cdr: [],
  test_vectors: ["fake_agent.c"],
  test_connection: ["fake_agent.c"],
  test_streams: ["fake_agent.c"],
  test_ros2: ["fake_agent.c", "full_arena.c"],
  test_app_slot: ["fake_flash.c"],
  test_fuzz: ["fake_agent.c", "fuzz_target.c"],
};

const compilers = await availableCompilers();

beforeAll(writeVectors);

it("has a C compiler", () => {
  expect(compilers.map((each) => each.name)).toSatisfy((names: string[]) => names.length > 0);
});

describe.each(compilers.map((compiler) => ({ name: compiler.name, compiler })))("$name", ({ compiler }) => {
  it.each(Object.entries(PROGRAMS))("%s", async (name, extra) => {
    const sources = [`${name}/${name}.c`, ...extra].map((file) => `test/firmware/${file}`);
    const cases = await runUnity(await build(compiler, name, sources));
    expect(cases.filter((each) => each.outcome !== "PASS")).toEqual([]);
    expect(cases.map((each) => each.name)).toEqual(await casesOf(name));
  });
});

/** The tests that a program must report: all that its main names. */
async function casesOf(name: string): Promise<string[]> {
  const source = await readFile(projectFile("test/firmware", name, `${name}.c`), "utf8");
  return [...source.matchAll(/^ {2}RUN_TEST\((\w+)/gm)].map((match) => match[1] ?? "");
}

describe("sources", () => {
  it("are free of identifiers that need an operating system, hide allocation or are unsafe", async () => {
    const forbidden =
      /\b(malloc|calloc|realloc|free|printf|fprintf|sprintf|snprintf|puts|time|clock|gettimeofday|sleep|usleep|abort|exit|str(?:n?cpy|n?cat|len|tok|n?cmp|dup|chr|str)|gets|alloca|rand)\s*\(/;
    for (const source of await coreSources()) {
      const text = (await readFile(projectFile(source), "utf8")).replaceAll(/\/\*[\s\S]*?\*\//g, "");
      expect(forbidden.exec(text)?.[0], source).toBeUndefined();
    }
  });

  it("include nothing but their own headers and the freestanding ones, assert.h, math.h and string.h", async () => {
    // arena.c tells ASan which of its octets are free, when built with it.
    const system = new Set([
      "sanitizer/asan_interface.h",
      "assert.h",
      "stdbool.h",
      "stddef.h",
      "stdint.h",
      "string.h",
      "limits.h",
      "math.h",
      "stdalign.h",
    ]);
    for (const source of await coreSources()) {
      const text = await readFile(projectFile(source), "utf8");
      for (const [, header = ""] of text.matchAll(/#include <([^>]+)>/g)) {
        expect(system.has(header), `${source} includes <${header}>`).toBe(true);
      }
    }
  });

  it("have no file over 400 lines", async () => {
    for (const source of await coreSources()) {
      const lines = (await readFile(projectFile(source), "utf8")).split("\n").length;
      expect(lines, source).toBeLessThanOrEqual(400);
    }
  });

  it("are all tests registered", async () => {
    const files = await readdir(projectFile("test/firmware"));
    const programs = files.filter((file) => /^test_\w+$/.test(file));
    const elsewhere = /^test_(engine|runtime|arena)/;
    expect(programs.filter((name) => !elsewhere.test(name)).sort()).toEqual(Object.keys(PROGRAMS).sort());
  });
});
