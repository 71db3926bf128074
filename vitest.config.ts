import { defineConfig } from "vitest/config";

const simulation = new URL("simulation/", import.meta.url).pathname;
/** Tests written as users write them are run on the sources, not on dist/. */
const own = [
  { find: /^rosehip\/sim$/, replacement: `${simulation}index.ts` },
  { find: /^rosehip\/sim\/vitest$/, replacement: `${simulation}vitest.ts` },
];

/** Projects run one after the other, from fast to slow. Those with processes and clocks run one file at a time. */
const project = (name: string, order: number, timeout: number, alone: boolean, also: string[] = []) => ({
  resolve: { alias: own },
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`, ...also],
    testTimeout: timeout,
    hookTimeout: 600_000,
    maxWorkers: alone ? 1 : 2,
    sequence: { groupOrder: order },
  },
});

export default defineConfig({
  test: {
    globalSetup: "test/temporary.ts",
    projects: [
      project("unit", 0, 20_000, false),
      project("fuzz", 1, 120_000, false),
      project("assembly", 2, 120_000, false),
      project("differential", 3, 120_000, false),
      project("firmware", 4, 300_000, true),
      project("system", 5, 180_000, true, ["examples/*/*.test.ts"]),
      project("interop", 6, 300_000, true),
    ],
  },
});
