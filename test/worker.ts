import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { cacheFolder } from "../toolchain/project.js";
import { domainLocks } from "./temporary.js";

/** Test files run two at a time (vitest.config.ts), each in a process with a number. */
const worker = process.env["VITEST_POOL_ID"] ?? "0";

/** A folder below .cache that only one test file writes to at this time. */
export const workerFolder = (...segments: string[]): string => cacheFolder("test", worker, ...segments);

/** Low ones are for people; 166 keeps all ports below 49152, from where on the system gives them to anybody. */
const FIRST_DOMAIN = 10;
const DOMAINS = 150;
const own = new Set<number>();
process.on("exit", () => own.forEach(releaseDomain));

/**
 * A DDS domain that no other test has, in this run or another one of the same user: a file with the number of the process
 * that has it says so. It is free again when it is released, or with that process.
 */
export function freshDomain(): number {
  const locks = domainLocks();
  mkdirSync(locks, { recursive: true });
  const start = Math.floor(Math.random() * DOMAINS);
  for (let i = 0; i < DOMAINS; i++) {
    const domain = FIRST_DOMAIN + ((start + i) % DOMAINS);
    if (!claim(path.join(locks, `${domain}`))) continue;
    own.add(domain);
    return domain;
  }
  throw new Error(`other tests have all ${DOMAINS} domains: see ${locks}`);
}

export function releaseDomain(domain: number): void {
  if (own.delete(domain)) rmSync(path.join(domainLocks(), `${domain}`), { force: true });
}

function claim(file: string): boolean {
  try {
    writeFileSync(file, `${process.pid}`, { flag: "wx" });
    return true;
  } catch {
    if (hasOwner(file)) return false;
    rmSync(file, { force: true });
    return claim(file);
  }
}

/** Whether the process that made the file still runs; one that is empty is being written. */
function hasOwner(file: string): boolean {
  try {
    const owner = readFileSync(file, "utf8");
    return owner === "" || process.kill(Number(owner), 0);
  } catch {
    return false;
  }
}
