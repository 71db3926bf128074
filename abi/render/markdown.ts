import {
  ABI_ADC_UNITS,
  ABI_CLOCKS,
  ABI_ERRORS,
  ABI_EVENT_INFO,
  ABI_EVENTS,
  ABI_EXPORTS,
  ABI_FUNCTIONS,
  ABI_GPIO,
  ABI_MODULE,
  ABI_PIN_MODES,
  ABI_QOS,
  ABI_SEVERITIES,
  ABI_VERSION,
  type AbiFunction,
} from "../table.js";
import { GENERATED, wasm3Signature, wasmParameters } from "./naming.js";

/** docs/abi.md: every octet of the interface, for people. */
export function renderMarkdown(): string {
  return [
    `<!-- ${GENERATED} -->`,
    "# The app \u2194 firmware interface",
    "",
    `Version ${ABI_VERSION}. An app is one WebAssembly module; it imports the functions below from module ` +
      `\`${ABI_MODULE}\` and nothing else. Integers are little-endian. Addresses are offsets into the app's memory.`,
    "",
    "## Exports of the app",
    "",
    "| export | meaning |",
    "|---|---|",
    ...Object.values(ABI_EXPORTS).map(({ name, doc }) => row(`\`${name}\``, doc)),
    "",
    "The firmware calls the poll function when an event is pending or the time it returned has come, and never " +
      "while a call of it is still running. When it traps, the firmware drops the instance, makes a new one, and " +
      "hands each request that was being handled to it as REQUEST_FAULTED, so that no caller is left waiting.",
    "",
    ...MEMORY,
    ...constants("Errors", "Results below 0 of functions that return i32.", ABI_ERRORS),
    ...constants("Events", "What `event_next` returns.", ABI_EVENTS),
    "## Severities",
    "",
    "Those of rcl_interfaces/msg/Log.",
    "",
    "| name | value |",
    "|---|---|",
    ...Object.entries(ABI_SEVERITIES).map(([name, value]) => row(name, `${value}`)),
    "",
    ...constants("Clocks", "For `now`.", ABI_CLOCKS),
    ...constants("Operations on a pin", "For `gpio`.", ABI_GPIO),
    ...constants("Modes of a pin", "For `gpio`.", ABI_PIN_MODES),
    ...constants("Units of voltage", "For `adc`.", ABI_ADC_UNITS),
    ...record("Event record", "filled by `event_next`", 4, ABI_EVENT_INFO),
    ...record("QoS record", "read by `publisher_create` and `subscription_create`", 8, ABI_QOS),
    "## Functions",
    "",
    "`text` and `bytes` are two i32: address and length in octets. Text is UTF-8 without a final NUL. The " +
      "firmware checks every address and length; what does not fit returns INVALID_ARGUMENT, and a call without a " +
      "result does nothing. Nothing of the app's memory is kept after a call has returned.",
    "",
    ...ABI_FUNCTIONS.flatMap(functionSection),
  ].join("\n");
}

const MEMORY = [
  "## Memory of the app",
  "",
  "The app uses the octets 0 \u2026 rosehip_memory_bytes\u22121 and never grows its memory. The module declares whole pages of " +
    "64 KiB, as WebAssembly requires; a firmware may provide just the octets the global tells, since nothing above " +
    "is ever read or written by a correct app, and a wrong one must trap there.",
  "",
];

function row(...cells: string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function constants(
  title: string,
  intro: string,
  table: Record<string, { value: number; doc: string }>,
): string[] {
  return [
    `## ${title}`,
    "",
    intro,
    "",
    "| name | value | meaning |",
    "|---|---|---|",
    ...Object.entries(table).map(([name, { value, doc }]) => row(name, `${value}`, doc)),
    "",
  ];
}

function record(
  title: string,
  use: string,
  alignment: number,
  layout: typeof ABI_EVENT_INFO | typeof ABI_QOS,
): string[] {
  return [
    `## ${title}`,
    "",
    `${layout.size} octets, aligned to ${alignment}, ${use}.`,
    "",
    "| offset | field | type | meaning |",
    "|---|---|---|---|",
    ...layout.fields.map(({ name, offset, type, doc }) => row(`${offset}`, name, type, doc)),
    "",
  ];
}

function functionSection(fn: AbiFunction): string[] {
  const parameters = wasmParameters(fn).map(
    ({ name, type }) => `${name}: ${type === "usize" ? "i32" : type}`,
  );
  return [
    `### ${fn.name}`,
    "",
    `\`${fn.name}(${parameters.join(", ")})${fn.result === "void" ? "" : ` -> ${fn.result}`}\` ` +
      `(wasm3: \`${wasm3Signature(fn)}\`)`,
    "",
    fn.doc,
    "",
    ...(fn.parameters.length === 0 ? [] : parameterTable(fn)),
  ];
}

function parameterTable(fn: AbiFunction): string[] {
  return [
    "| parameter | type | meaning |",
    "|---|---|---|",
    ...fn.parameters.map(({ name, type, octets, doc }) =>
      row(name, octets === undefined ? type : `${type} to ${octets} octets`, doc),
    ),
    "",
  ];
}
