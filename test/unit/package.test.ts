import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { projectFile, projectRoot } from "../../toolchain/project.js";

const { exports, files, bin } = JSON.parse(readFileSync(projectFile("package.json"), "utf8")) as {
  readonly exports: Readonly<Record<string, string>>;
  readonly files: readonly string[];
  readonly bin: Readonly<Record<string, string>>;
};

/** dist/ is made of the sources: what it will hold is known without it. */
const sourceOf = (file: string) => file.replace(/^dist\/(.*)\.js$/, "$1.ts");
const isPacked = (file: string) =>
  file === "package.json" || files.some((one) => file === one || file.startsWith(`${one}/`));

function sources(folder: string): string[] {
  return readdirSync(projectFile(folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => path.join(folder, name));
}

describe("the package", () => {
  const targets = [...Object.values(exports), ...Object.values(bin)].map((target) =>
    target.replace("./", ""),
  );

  it.each(targets.filter((target) => !target.includes("*")))("has what it exports: %s", (target) => {
    expect(existsSync(projectFile(sourceOf(target)))).toBe(true);
    expect(isPacked(target)).toBe(true);
  });

  it.each(files.filter((file) => !file.startsWith("!")).map((file) => file.replace(/^dist\//, "")))(
    "has the file or folder %s",
    (file) => {
      expect(existsSync(projectFile(file))).toBe(true);
    },
  );

  it("has all that its own code reads", () => {
    // The demo and the tests' own tools run in a checkout only.
    const checkout = /^(examples|test|dist)\//;
    const read = ["cli", "toolchain", "host-agent", "simulation"]
      .flatMap(sources)
      .flatMap((file) => [
        ...readFileSync(path.join(projectRoot, file), "utf8").matchAll(/projectFile\("([^"]+)"\)/g),
      ])
      .map((match) => match[1] as string)
      .filter((file) => !checkout.test(file));
    expect(read.length).toBeGreaterThan(5);
    expect(read.filter((file) => !isPacked(file))).toEqual([]);
  });
});
