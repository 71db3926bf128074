import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { LIMITS } from "../../host-agent/src/limits.js";
import { limitsDocument } from "../../toolchain/limits.js";
import { projectFile } from "../../toolchain/project.js";

it("docs/limits.md is what `npm run limits` writes", () => {
  expect(readFileSync(projectFile("docs/limits.md"), "utf8")).toBe(limitsDocument());
});

it("names every limit of the device side", () => {
  const document = limitsDocument();
  expect(Object.keys(LIMITS).filter((name) => !document.includes(`\`${name}\``))).toEqual([]);
});
