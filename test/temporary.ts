import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import path from "node:path";

/** Keeps {@link domainLocks} the same where the place for temporary files is another one. */
const DOMAIN_LOCKS = "ROSEHIP_TEST_DOMAINS";

/** The folder in which tests and benchmarks say which DDS domains they have: one for all runs of a user. */
export const domainLocks = (): string =>
  process.env[DOMAIN_LOCKS] ?? path.join(tmpdir(), `rosehip-test-domains-${userInfo().uid}`);

/** Gives the tests, and the processes they start, a place for temporary files that goes with them, also on failure. */
export default function setup(): () => void {
  const locks = domainLocks();
  const folder = mkdtempSync(path.join(tmpdir(), "rosehip-test-"));
  Object.assign(process.env, { TMPDIR: folder, [DOMAIN_LOCKS]: locks });
  return () => rmSync(folder, { recursive: true, force: true });
}
