/**
 * `npm test`: every check of the project, in the order in which they are likely to fail soonest. Arguments go to vitest:
 * `npm test -- --project unit`. Ends with a table and status 1 if any failed.
 */
import { spawnSync } from "node:child_process";
import path from "node:path";
import { projectRoot } from "./project.js";

interface Check {
  readonly name: string;
  readonly script: string;
  readonly args: readonly string[];
}

const CHECKS: readonly Check[] = [
  {
    name: "format and lint",
    script: "@biomejs/biome/bin/biome",
    args: ["check", "--error-on-warnings", "."],
  },
  { name: "types", script: "typescript/bin/tsc", args: ["-p", "tsconfig.json", "--noEmit"] },
  { name: "tests", script: "vitest/vitest.mjs", args: ["run", ...process.argv.slice(2)] },
];

const results = CHECKS.map(({ name, script, args }) => {
  const begin = performance.now();
  process.stdout.write(`\n--- ${name}\n`);
  const file = path.join(projectRoot, "node_modules", script);
  const { status } = spawnSync(process.execPath, [file, ...args], { cwd: projectRoot, stdio: "inherit" });
  return { name, passed: status === 0, seconds: (performance.now() - begin) / 1000 };
});

process.stdout.write("\n");
for (const { name, passed, seconds } of results) {
  process.stdout.write(`${passed ? "passed" : "FAILED"}  ${name} (${seconds.toFixed(1)} s)\n`);
}
process.exitCode = results.every(({ passed }) => passed) ? 0 : 1;
