// Loaded into a Node process before its own program: SIGUSR2 makes it write what is alive in its heap, and say where.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { writeHeapSnapshot } from "node:v8";

process.on("SIGUSR2", () => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), "rosehip-heap-")), "of.heapsnapshot");
  process.stdout.write(`snapshot: ${writeHeapSnapshot(file)}\n`);
});
