/**
 * `npm run bench`: measures what the README claims, prints a table and keeps it in .cache/bench/<date>.json.
 *
 *   --quick        fewer and shorter runs, to see that it works; the numbers mean little
 *   --only A,B     subjects whose name contains one of these words
 *   ROSEHIP_PEER_AGENT   a Micro XRCE-DDS Agent to measure beside ours
 *   ROS_DOMAIN_ID        the domain to use (101)
 *
 * Ends with 0 if everything that could be measured was, whatever the numbers are; with 1 if a measurement failed; with 2
 * if the command line is wrong.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { endAll } from "../test/system/process.js";
import { cacheFolder } from "../toolchain/project.js";
import { codec } from "./codec.js";
import { Context, type Subject } from "./context.js";
import { deploy } from "./deploy.js";
import { device } from "./device.js";
import { engines } from "./engines.js";
import { fleet } from "./fleet.js";
import { footprint } from "./footprint.js";
import { goodput } from "./line.js";
import { rclpy } from "./rclpy.js";
import { formatReport, isMet } from "./report.js";
import { roundTrip } from "./round-trip.js";
import { throughput } from "./throughput.js";
import { wasm } from "./wasm.js";

const SUBJECTS: readonly Subject[] = [
  footprint,
  wasm,
  engines,
  codec,
  rclpy,
  roundTrip,
  throughput,
  goodput,
  device,
  deploy,
  fleet,
];

const { values: options } = parseArgs({
  options: { quick: { type: "boolean", default: false }, only: { type: "string", default: "" } },
});

async function runAll(context: Context, subjects: readonly Subject[]): Promise<void> {
  for (const subject of subjects) {
    const start = performance.now();
    context.subject = subject.name;
    process.stderr.write(`bench: ${subject.name} ...`);
    try {
      await subject.run(context);
    } catch (error) {
      context.failed(subject.name, error instanceof Error ? firstLine(error.message) : String(error));
      process.stderr.write(`\n${String(error)}\n`);
    } finally {
      await endAll();
    }
    process.stderr.write(` ${((performance.now() - start) / 1000).toFixed(1)} s\n`);
  }
}

/** What a process said goes to standard error, not into the table. */
const firstLine = (text: string): string => text.split("\n")[0] ?? "";

function machine(): Record<string, unknown> {
  return {
    cpu: os.cpus()[0]?.model ?? "unknown",
    cores: os.cpus().length,
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    node: process.version,
    loadAverage: os.loadavg().map((load) => Number(load.toFixed(2))),
  };
}

async function save(context: Context, before: Record<string, unknown>): Promise<string> {
  const date = new Date().toISOString();
  const file = cacheFolder("bench", `${date.replace(/[:.]/g, "-")}.json`);
  const rows = context.rows.map((row) => ({ ...row, met: isMet(row) ?? null }));
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(
    file,
    `${JSON.stringify({ date, quick: context.quick, machine: before, rows }, null, 2)}\n`,
  );
  return file;
}

async function main(): Promise<void> {
  const words = options.only.split(",").filter((word) => word !== "");
  const subjects = SUBJECTS.filter(
    ({ name }) => words.length === 0 || words.some((word) => name.includes(word)),
  );
  if (subjects.length === 0) {
    const names = SUBJECTS.map(({ name }) => `  ${name}`).join("\n");
    process.stderr.write(
      `error: no subject has "${options.only}" in its name\n  to fix: there are\n${names}\n`,
    );
    process.exitCode = 2;
    return;
  }
  const temporary = await mkdtemp(path.join(os.tmpdir(), "rosehip-bench-"));
  const domain = Number(process.env["ROS_DOMAIN_ID"] ?? "101");
  const context = new Context(options.quick, domain, temporary, process.env["ROSEHIP_PEER_AGENT"]);
  const before = machine();
  try {
    await runAll(context, subjects);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  const file = await save(context, before);
  const cores = `${before["cores"]} x ${before["cpu"]}, Node ${process.version}`;
  process.stdout.write(`\n${cores}, load before: ${(before["loadAverage"] as number[]).join(" ")}\n`);
  if (options.quick) process.stdout.write("quick: too few and too short runs to compare\n");
  process.stdout.write(`${formatReport(context.rows)}kept in ${path.relative(process.cwd(), file)}\n`);
  if (context.rows.some(({ outcome }) => outcome === "failed")) process.exitCode = 1;
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void endAll().then(() => process.exit(130)));
}
await main();
