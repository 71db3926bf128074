import {
  ABI_ADC_UNITS,
  ABI_CLOCKS,
  ABI_ERRORS,
  ABI_EVENT_INFO,
  ABI_EVENTS,
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
  type AbiFunction,
} from "../table.js";
import { GENERATED, wasmParameters, wrap } from "./naming.js";

/** assembly/env.ts: every import of the SDK and every number it shares with the firmware. */
export function renderAssembly(): string {
  return [
    `// ${GENERATED}`,
    "// The app's side of the app <-> firmware interface (docs/abi.md). Nothing else in assembly/ declares an import from it.",
    "",
    `export const ABI_VERSION: i32 = ${ABI_VERSION};`,
    "",
    ...constants("ERROR", ABI_ERRORS),
    ...constants("EVENT", ABI_EVENTS),
    ...Object.entries(ABI_SEVERITIES).map(([name, value]) => inlined(`SEVERITY_${name}: i32 = ${value}`)),
    "",
    ...constants("CLOCK", ABI_CLOCKS),
    ...constants("GPIO", ABI_GPIO),
    ...constants("PIN", ABI_PIN_MODES),
    ...constants("ADC", ABI_ADC_UNITS),
    inlined(`EVENT_INFO_SIZE: usize = ${ABI_EVENT_INFO.size}`),
    ...ABI_EVENT_INFO.fields.flatMap((field) => [
      `/** ${field.type}: ${field.doc} */`,
      inlined(`EVENT_INFO_${field.name.toUpperCase()}: usize = ${field.offset}`),
    ]),
    inlined(`QOS_SIZE: usize = ${ABI_QOS.size}`),
    ...ABI_QOS.fields.flatMap((field) => [
      `/** ${field.type}: ${field.doc} */`,
      inlined(`QOS_${field.name.toUpperCase()}: usize = ${field.offset}`),
    ]),
    "/** Of what `matched` returns: a remote end is there that cannot match. */",
    inlined(`MISMATCH: i32 = ${ABI_MISMATCH}`),
    inlined(`STORAGE_KEY_OCTETS: i32 = ${ABI_STORAGE_LIMITS.keyOctets}`),
    inlined(`STORAGE_VALUE_OCTETS: i32 = ${ABI_STORAGE_LIMITS.valueOctets}`),
    inlined(`I2C_OCTETS: i32 = ${ABI_HARDWARE_LIMITS.i2cOctets}`),
    inlined(`SPI_OCTETS: i32 = ${ABI_HARDWARE_LIMITS.spiOctets}`),
    ...ABI_FUNCTIONS.flatMap(declaration),
    "",
  ].join("\n");
}

function inlined(definition: string): string {
  return `// @ts-ignore: decorator\n@inline export const ${definition};`;
}

function constants(prefix: string, table: Record<string, { value: number; doc: string }>): string[] {
  return [
    ...Object.entries(table).flatMap(([name, { value, doc }]) => [
      ...block([doc]),
      inlined(`${prefix}_${name}: i32 = ${value}`),
    ]),
    "",
  ];
}

function block(paragraphs: readonly string[]): string[] {
  const lines = paragraphs.flatMap((paragraph) => wrap(paragraph, 105));
  return lines.length === 1 ? [`/** ${lines[0]} */`] : ["/**", ...lines.map((line) => ` * ${line}`), " */"];
}

function declaration(fn: AbiFunction): string[] {
  const parameters = wasmParameters(fn).map(({ name, type }) => `${name}: ${type}`);
  return [
    "",
    ...block([fn.doc, ...fn.parameters.map(({ name, doc }) => `@param ${name} ${doc}`)]),
    "// @ts-ignore: decorator",
    `@external("${ABI_MODULE}", "${fn.name}")`,
    `export declare function ${fn.name}(${parameters.join(", ")}): ${fn.result};`,
  ];
}
