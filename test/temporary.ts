import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import path from "node:path";

/** Names the folder in which tests say which DDS domains they have; one for all runs of a user. */
export const DOMAIN_LOCKS = "ROSEHIP_TEST_DOMAINS";

/** Gives the tests, and the processes they start, a place for temporary files that goes with them, also on failure. */
export default function setup(): () => void {
  process.env[DOMAIN_LOCKS] ??= path.join(tmpdir(), `rosehip-test-domains-${userInfo().uid}`);
  const folder = mkdtempSync(path.join(tmpdir(), "rosehip-test-"));
  Object.assign(process.env, { TMPDIR: folder });
  return () => rmSync(folder, { recursive: true, force: true });
}
