/** The build of the firmware: what it does when things are missing, and that it does nothing twice. */
import { cpSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findCompiler } from "../../toolchain/firmware/compiler.js";
import { buildProgram, type Program } from "../../toolchain/firmware/program.js";
import { applyEdit, wasm3Source } from "../../toolchain/firmware/wasm3.js";
import { projectFile } from "../../toolchain/project.js";

let folder: string;
const cache = process.env["ROSEHIP_CACHE"];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "rosehip-build-"));
});

afterEach(() => {
  if (cache === undefined) delete process.env["ROSEHIP_CACHE"];
  else process.env["ROSEHIP_CACHE"] = cache;
  rmSync(folder, { recursive: true });
});

describe("findCompiler", () => {
  it("names the command that installs one", async () => {
    await expect(findCompiler("no-such-compiler")).rejects.toMatchObject({
      code: "BUILD_NO_COMPILER",
      message: "No C compiler: tried no-such-compiler.",
      remedy: expect.stringMatching(/apt-get install|xcode-select/),
    });
  });
});

describe("buildProgram", () => {
  const program = (): Program => ({
    name: "hello",
    groups: [
      {
        sources: [path.join(folder, "main.c"), path.join(folder, "other.c")],
        includes: [folder],
        flags: ["-Wall", "-Werror"],
      },
    ],
  });

  beforeEach(() => {
    process.env["ROSEHIP_CACHE"] = path.join(folder, "cache");
    writeFileSync(path.join(folder, "value.h"), "#define VALUE 3\n");
    writeFileSync(path.join(folder, "main.c"), '#include "value.h"\nint main(void) { return VALUE; }\n');
    writeFileSync(path.join(folder, "other.c"), "int other = 1;\n");
  });

  it("compiles what has changed, by content, and headers with it", async () => {
    expect((await buildProgram(program())).compiled).toBe(2);
    utimesSync(path.join(folder, "main.c"), new Date(), new Date());
    expect((await buildProgram(program())).compiled).toBe(0);
    writeFileSync(path.join(folder, "other.c"), "int other = 2;\n");
    expect((await buildProgram(program())).compiled).toBe(1);
    writeFileSync(path.join(folder, "value.h"), "#define VALUE 4\n");
    expect((await buildProgram(program())).compiled).toBe(2);
  });

  it("gives the compiler's words and the file", async () => {
    writeFileSync(path.join(folder, "other.c"), "int other = nonsense;\n");
    await expect(buildProgram(program())).rejects.toMatchObject({
      code: "BUILD_COMPILE",
      message: expect.stringContaining("nonsense"),
      where: path.join(folder, "other.c"),
    });
  });

  it("says what does not link", async () => {
    writeFileSync(path.join(folder, "main.c"), "int missing(void);\nint main(void) { return missing(); }\n");
    await expect(buildProgram(program())).rejects.toMatchObject({
      code: "BUILD_LINK",
      message: expect.stringContaining("missing"),
    });
  });
});

describe("wasm3Source", () => {
  const transform = JSON.parse(
    readFileSync(projectFile("toolchain/firmware/wasm3_transform.json"), "utf8"),
  ) as {
    edits: { file: string; anchor: string; replacement: string }[];
  };

  it("has each edit in it once", async () => {
    for (const { file, replacement } of transform.edits) {
      const text = readFileSync(path.join(await wasm3Source(), file), "utf8");
      expect(text.split(replacement)).toHaveLength(2);
    }
  });

  it("refuses an edit whose anchor is gone or is there twice", async () => {
    const [edit] = transform.edits;
    if (edit === undefined) throw new Error("no edit");
    const file = path.join(folder, edit.file);
    cpSync(path.join(await wasm3Source(), edit.file), file);
    await expect(applyEdit(folder, edit)).rejects.toMatchObject({ code: "BUILD_WASM3_TRANSFORM" });
    writeFileSync(file, edit.anchor + edit.anchor);
    await expect(applyEdit(folder, edit)).rejects.toMatchObject({
      code: "BUILD_WASM3_TRANSFORM",
      message: "The anchor of an edit is 2 times in the file instead of once.",
    });
  });
});
