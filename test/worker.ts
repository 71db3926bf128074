import { cacheFolder } from "../toolchain/project.js";

/** Test files run two at a time (vitest.config.ts), each in a worker with a number. */
const WORKERS = 2;
const worker = Number(process.env["VITEST_POOL_ID"] ?? 0) % WORKERS;

/** 101 is the last domain whose ports are below those that Linux gives to anybody, from 32768 on. */
const LAST_DOMAIN = 101;
const DOMAINS = 30;
let domains = Math.floor(Math.random() * DOMAINS);

/** A DDS domain that no other test has at this time, and nobody else is likely to use. */
export const freshDomain = (): number => LAST_DOMAIN - WORKERS * (domains++ % DOMAINS) - worker;

/** A folder below .cache that only one test file writes to at this time. */
export const workerFolder = (...segments: string[]): string =>
  cacheFolder("test", String(worker), ...segments);
