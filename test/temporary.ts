import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** Gives the tests, and the processes they start, a place for temporary files that goes with them, also on failure. */
export default function setup(): () => void {
  const folder = mkdtempSync(path.join(tmpdir(), "rosehip-test-"));
  Object.assign(process.env, { TMPDIR: folder });
  return () => rmSync(folder, { recursive: true, force: true });
}
