import {
  ABI_ADC_UNITS,
  ABI_CLOCKS,
  ABI_ERRORS,
  ABI_EVENT_INFO,
  ABI_EVENTS,
  ABI_EXPORTS,
  ABI_FUNCTIONS,
  ABI_GPIO,
  ABI_HARDWARE_LIMITS,
  ABI_MISMATCH,
  ABI_MODULE,
  ABI_PIN_MODES,
  ABI_QOS,
  ABI_SEVERITIES,
  ABI_STORAGE_LIMITS,
  ABI_VERSION,
} from "../table.js";
import { GENERATED, NAME_WIDTH, wasm3Signature, wasmParameters, wrap } from "./naming.js";

/** firmware/src/wasm/abi_table.h: numbers, record offsets and the link table of the firmware. */
export function renderCHeader(): string {
  return [
    `/* ${GENERATED} */`,
    "/* The firmware's side of the app <-> firmware interface; docs/abi.md tells every octet of it. */",
    "#ifndef ROSEHIP_ABI_TABLE_H",
    "#define ROSEHIP_ABI_TABLE_H",
    "",
    `#define ROSEHIP_ABI_VERSION ${ABI_VERSION}`,
    `#define ROSEHIP_ABI_MODULE "${ABI_MODULE}"`,
    ...exportNames(),
    "",
    ...enumeration("error", "ERR", ABI_ERRORS),
    ...enumeration("event", "EVENT", ABI_EVENTS),
    ...enumeration("severity", "SEVERITY", severities()),
    ...enumeration("clock", "CLOCK", ABI_CLOCKS),
    ...enumeration("gpio", "GPIO", ABI_GPIO),
    ...enumeration("pin_mode", "PIN", ABI_PIN_MODES),
    ...enumeration("adc_unit", "ADC", ABI_ADC_UNITS),
    ...record("The record event_next fills: little-endian, aligned to 4.", "EVENT_INFO", ABI_EVENT_INFO),
    ...record("The QoS record: little-endian, aligned to 8.", "QOS", ABI_QOS),
    "/* Of what `matched` returns: a remote end is there that cannot match. */",
    `#define ROSEHIP_ABI_MISMATCH ${ABI_MISMATCH}`,
    `#define ROSEHIP_ABI_STORAGE_KEY_OCTETS ${ABI_STORAGE_LIMITS.keyOctets}u`,
    `#define ROSEHIP_ABI_STORAGE_VALUE_OCTETS ${ABI_STORAGE_LIMITS.valueOctets}u`,
    `#define ROSEHIP_ABI_I2C_OCTETS ${ABI_HARDWARE_LIMITS.i2cOctets}u`,
    `#define ROSEHIP_ABI_SPI_OCTETS ${ABI_HARDWARE_LIMITS.spiOctets}u`,
    `#define ROSEHIP_ABI_RANDOM_OCTETS ${ABI_HARDWARE_LIMITS.randomOctets}u`,
    "",
    ...pointerSizes(),
    ...linkTable(),
    "#endif",
    "",
  ].join("\n");
}

function exportNames(): string[] {
  return Object.entries(ABI_EXPORTS).flatMap(([key, { name, doc }]) => [
    ...comment(doc),
    `#define ROSEHIP_ABI_EXPORT_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()} "${name}"`,
  ]);
}

function severities(): Record<string, { value: number }> {
  return Object.fromEntries(Object.entries(ABI_SEVERITIES).map(([name, value]) => [name, { value }]));
}

function enumeration(
  name: string,
  prefix: string,
  table: Record<string, { value: number; doc?: string }>,
): string[] {
  return [
    `enum rosehip_abi_${name} {`,
    ...Object.entries(table).flatMap(([key, { value, doc }]) => [
      ...(doc === undefined ? [] : comment(doc).map((line) => `  ${line}`)),
      `  ROSEHIP_ABI_${prefix}_${key} = ${value},`,
    ]),
    "};",
    "",
  ];
}

function comment(doc: string): string[] {
  const lines = wrap(doc, 100);
  return lines.map((line, index) => {
    const open = index === 0 ? "/* " : " * ";
    return index === lines.length - 1 ? `${open}${line} */` : `${open}${line}`;
  });
}

function record(doc: string, name: string, layout: typeof ABI_EVENT_INFO | typeof ABI_QOS): string[] {
  return [
    `/* ${doc} */`,
    `#define ROSEHIP_ABI_${name}_SIZE ${layout.size}u`,
    ...layout.fields.map(
      ({ name: field, offset, type, doc: meaning }) =>
        `#define ROSEHIP_ABI_${name}_${field.toUpperCase()} ${offset}u /* ${type}: ${meaning} */`,
    ),
    "",
  ];
}

function pointerSizes(): string[] {
  const pointers = ABI_FUNCTIONS.flatMap((fn) =>
    fn.parameters
      .filter(({ octets }) => octets !== undefined)
      .map(
        ({ name, octets }) =>
          `#define ROSEHIP_ABI_${fn.name.toUpperCase()}_${name.toUpperCase()}_OCTETS ${octets}u`,
      ),
  );
  return ["/* Octets behind each pointer parameter. */", ...pointers, ""];
}

function linkTable(): string[] {
  const rows = ABI_FUNCTIONS.map((fn) => {
    const count = wasmParameters(fn).length;
    return `  X(${fn.name},${" ".repeat(NAME_WIDTH - fn.name.length)} "${wasm3Signature(fn)}", ${count})`;
  });
  const signatures = ABI_FUNCTIONS.map(
    (fn) =>
      ` *   ${fn.name}(${wasmParameters(fn)
        .map(({ name }) => name)
        .join(", ")}) -> ${fn.result}`,
  );
  return [
    "/* Every function the app may import: X(name, wasm3 signature, number of WebAssembly parameters).",
    " * Text and bytes are an address and a length in octets, both i32:",
    ...signatures,
    " */",
    "#define ROSEHIP_ABI_FUNCTIONS(X) \\",
    ...rows.map((row, index) => (index === rows.length - 1 ? row : `${row} \\`)),
    "",
  ];
}
