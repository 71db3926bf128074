import type { Measurement } from "./statistics.js";

/** A bound that a median is held to. */
export interface Target {
  readonly bound: "at most" | "at least";
  readonly value: number;
}

export const atMost = (value: number): Target => ({ bound: "at most", value });
export const atLeast = (value: number): Target => ({ bound: "at least", value });

interface RowHead {
  readonly subject: string;
  readonly what: string;
  /** In the measurement's unit. Without one, the row informs only. */
  readonly target?: Target;
  /** A figure of somebody else's to hold it against, and where it is from. */
  readonly reference?: string;
  /** How it was measured, or what to know when reading it. */
  readonly note?: string;
}

/** One line of the report: measured, left out for a reason that is no fault, or failed. */
export type Row = RowHead &
  (
    | { readonly outcome: "measured"; readonly measured: Measurement }
    | { readonly outcome: "not measured" | "failed"; readonly why: string }
  );

/** @returns undefined if there is nothing to meet, or nothing was measured */
export function isMet(row: Row): boolean | undefined {
  if (row.outcome !== "measured" || row.target === undefined) return undefined;
  const { bound, value } = row.target;
  return bound === "at most" ? row.measured.median <= value : row.measured.median >= value;
}

/** Three digits are more than these measurements repeat to; sizes in octets are exact. */
function round(value: number): string {
  if (!Number.isFinite(value)) return "?";
  if (Number.isInteger(value)) return value.toLocaleString("en-US");
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return Number(value.toFixed(digits)).toLocaleString("en-US");
}

function describe({ unit, median, min, max, p99, runs }: Measurement): string {
  const spread = runs > 1 ? ` (${round(min)}-${round(max)})` : "";
  const tail = p99 === undefined ? "" : `, p99 ${round(p99)}`;
  return `${round(median)} ${unit}${spread}${tail}`;
}

function describeTarget(row: Row): string {
  return row.target === undefined ? "" : `${row.target.bound} ${round(row.target.value)}`;
}

const MET = new Map([
  [true, "met"],
  [false, "NOT MET"],
]);

/** Folds text into lines of at most `width` characters. */
function fold(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

const WIDTHS = { what: 46, result: 40, target: 18, met: 8 } as const;
const TOTAL_WIDTH = WIDTHS.what + WIDTHS.result + WIDTHS.target + WIDTHS.met;

function rowLines(row: Row): string[] {
  const met = isMet(row);
  const result = row.outcome === "measured" ? describe(row.measured) : row.outcome;
  const cells = [
    [fold(row.what, WIDTHS.what - 2), WIDTHS.what],
    [fold(result, WIDTHS.result - 2), WIDTHS.result],
    [[describeTarget(row)], WIDTHS.target],
    [[met === undefined ? "" : (MET.get(met) ?? "")], WIDTHS.met],
  ] as const;
  const height = Math.max(...cells.map(([lines]) => lines.length));
  const lines = Array.from({ length: height }, (_, index) =>
    cells
      .map(([texts, width]) => (texts[index] ?? "").padEnd(width))
      .join("")
      .trimEnd(),
  );
  const details = [
    ...(row.outcome === "measured" ? [] : [row.why]),
    ...(row.reference === undefined ? [] : [`against: ${row.reference}`]),
    ...(row.note === undefined ? [] : [row.note]),
  ];
  return [...lines, ...details.flatMap((text) => fold(text, TOTAL_WIDTH - 4).map((line) => `    ${line}`))];
}

/** The report as text for people: one block for each subject. */
export function formatReport(rows: readonly Row[]): string {
  const heading =
    "what".padEnd(WIDTHS.what) +
    "median (least-greatest of runs)".padEnd(WIDTHS.result) +
    "target".padEnd(WIDTHS.target);
  const lines = [heading, "=".repeat(TOTAL_WIDTH)];
  let subject = "";
  for (const row of rows) {
    if (row.subject !== subject) lines.push("", `-- ${row.subject} `.padEnd(TOTAL_WIDTH, "-"));
    subject = row.subject;
    lines.push(...rowLines(row));
  }
  const met = rows.filter((row) => isMet(row) === true).length;
  const missed = rows.filter((row) => isMet(row) === false).length;
  const left = rows.filter((row) => row.outcome === "not measured").length;
  const failed = rows.filter((row) => row.outcome === "failed").length;
  lines.push("", `targets: ${met} met, ${missed} not met; rows: ${left} not measured, ${failed} failed`);
  return `${lines.join("\n")}\n`;
}
