import { defineConfig } from "vitest/config";

// Projects from fast to slow; `npm test` runs them all, in this order (CONTRIBUTING.md).
const project = (name: string, testTimeout: number) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout, hookTimeout: 120_000 },
});

export default defineConfig({
  test: {
    projects: [
      project("unit", 10_000),
      project("fuzz", 60_000),
      project("assembly", 60_000),
      project("firmware", 120_000),
      project("system", 120_000),
      project("interop", 180_000),
    ],
  },
});
