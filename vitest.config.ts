import { defineConfig } from "vitest/config";

const simulation = new URL("simulation/", import.meta.url).pathname;
/** Tests written as users write them are run on the sources, not on dist/. */
const own = [
  { find: /^rosehip\/sim$/, replacement: `${simulation}index.ts` },
  { find: /^rosehip\/sim\/vitest$/, replacement: `${simulation}vitest.ts` },
];

/** Files at a time. They keep out of each other's way (test/worker.ts), but there is one board at a port. */
const WORKERS = process.env["ROSEHIP_DEVICE"] === undefined ? 2 : 1;

/** Projects with the same order run together, the others one after the other, from fast to slow. */
const project = (name: string, order: number, timeout: number, also: string[] = []) => ({
  resolve: { alias: own },
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`, ...also],
    testTimeout: timeout,
    hookTimeout: 600_000,
    maxWorkers: WORKERS,
    sequence: { groupOrder: order },
  },
});

export default defineConfig({
  test: {
    globalSetup: "test/temporary.ts",
    projects: [
      project("unit", 0, 20_000),
      project("fuzz", 1, 120_000),
      project("assembly", 2, 120_000),
      project("differential", 3, 120_000),
      project("firmware", 4, 300_000),
      project("system", 5, 180_000, ["examples/*/*.test.ts"]),
      project("interop", 5, 300_000),
    ],
  },
});
