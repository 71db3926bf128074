import path from "node:path";
import { PARTS, type Parts } from "../toolchain/footprint/footprint.js";
import type { ReportedFirmware } from "../toolchain/footprint/report.js";

const octets = (number: number) => number.toLocaleString("en-US");

type Row = readonly [what: string, octets: number, note: string];

/** What a firmware takes, a line each in octets, for people. */
export function footprintTable({ file, report }: ReportedFirmware): string {
  const { flash, staticMemory, arena, stack, notMeasured } = report;
  const rows: Row[] = [];
  if (flash) rows.push(["flash", flash.total, byPart(flash)]);
  if (staticMemory) rows.push(["static RAM", staticMemory.total, byPart(staticMemory)]);
  if (arena) rows.push(["arena", arena.used, `after start, ${octets(arena.peak)} at most until then`]);
  rows.push(["wasm memory", report.wasmMemory, "in the arena"]);
  if (stack) {
    rows.push(["stack", stack.used, "after start"]);
    rows.push(["stack, worst", stack.worst, `recursion until it is stopped; of ${octets(stack.size)}`]);
  }
  const width = Math.max(...rows.map(([, number]) => octets(number).length));
  return [
    `${path.relative(process.cwd(), file)}  ${report.target}, ${report.engine}; octets:`,
    ...rows.map(([what, number, note]) => `  ${what.padEnd(12)}  ${octets(number).padStart(width)}  ${note}`),
    ...(notMeasured === undefined ? [] : [`  not measured: ${notMeasured}`]),
  ].join("\n");
}

const byPart = (parts: Parts) =>
  PARTS.filter((part) => part !== "total" && parts[part] > 0)
    .map((part) => `${part} ${octets(parts[part])}`)
    .join(", ");
