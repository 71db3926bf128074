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
  type AbiFunction,
  type AbiParameter,
} from "../table.js";
import { camelCase, GENERATED, wasmParameters, wrap } from "./naming.js";

/** simulation/abi.ts: the interface a host in TypeScript implements, and the code that links it to a module. */
export function renderHost(): string {
  return [
    `// ${GENERATED}`,
    "// A host's side of the app <-> firmware interface (docs/abi.md).",
    "",
    `export const ABI_VERSION = ${ABI_VERSION};`,
    `export const ABI_MODULE = "${ABI_MODULE}";`,
    "",
    ...table("AbiError", "Results below 0.", values(ABI_ERRORS)),
    ...table("AbiEvent", "What event_next returns.", values(ABI_EVENTS)),
    ...table("AbiSeverity", "Severities of rcl_interfaces/msg/Log.", ABI_SEVERITIES),
    ...table("AbiClock", "Clocks of now().", values(ABI_CLOCKS)),
    ...table("AbiGpio", "What gpio() does.", values(ABI_GPIO)),
    ...table("AbiPinMode", "Modes of a pin.", values(ABI_PIN_MODES)),
    ...table("AbiAdcUnit", "Units of adc().", values(ABI_ADC_UNITS)),
    ...exportsInterface(),
    ...eventInfo(),
    ...qosRecord(),
    "/** Of what `matched` returns: a remote end is there that cannot match. */",
    `export const ABI_MISMATCH = ${ABI_MISMATCH};`,
    `export const ABI_STORAGE_KEY_OCTETS = ${ABI_STORAGE_LIMITS.keyOctets};`,
    `export const ABI_STORAGE_VALUE_OCTETS = ${ABI_STORAGE_LIMITS.valueOctets};`,
    `export const ABI_I2C_OCTETS = ${ABI_HARDWARE_LIMITS.i2cOctets};`,
    `export const ABI_SPI_OCTETS = ${ABI_HARDWARE_LIMITS.spiOctets};`,
    `export const ABI_RANDOM_OCTETS = ${ABI_HARDWARE_LIMITS.randomOctets};`,
    "",
    ...hostInterface(),
    ...LINK_HEAD,
    ...ABI_FUNCTIONS.flatMap(importFunction),
    "  };",
    "}",
    "",
    "/** Every function an app may import. */",
    "export const ABI_FUNCTION_NAMES: readonly string[] = [",
    ...ABI_FUNCTIONS.map(({ name }) => `  "${name}",`),
    "];",
    "",
  ].join("\n");
}

function values(source: Record<string, { value: number }>): Record<string, number> {
  return Object.fromEntries(Object.entries(source).map(([key, { value }]) => [key, value]));
}

function table(name: string, doc: string, rows: Record<string, number>): string[] {
  return [
    `/** ${doc} */`,
    `export const ${name} = {`,
    ...Object.entries(rows).map(([key, value]) => `  ${key}: ${value},`),
    "} as const;",
    "",
  ];
}

function exportsInterface(): string[] {
  const types: Record<keyof typeof ABI_EXPORTS, string> = {
    memory: "WebAssembly.Memory",
    version: "WebAssembly.Global",
    memoryBytes: "WebAssembly.Global",
    poll: "() => bigint",
  };
  return [
    "/** What a module exports. */",
    "export interface AbiExports {",
    ...(Object.keys(types) as (keyof typeof ABI_EXPORTS)[]).flatMap((key) => [
      ...comment(ABI_EXPORTS[key].doc),
      `  readonly ${ABI_EXPORTS[key].name}: ${types[key]};`,
    ]),
    "}",
    "",
  ];
}

function comment(doc: string): string[] {
  const lines = wrap(doc, 100);
  return lines.length === 1
    ? [`  /** ${lines[0]} */`]
    : ["  /**", ...lines.map((line) => `   * ${line}`), "   */"];
}

function eventInfo(): string[] {
  const setter = { i32: "setInt32", u32: "setUint32" };
  return [
    "/** The record event_next fills. */",
    "export interface AbiEventInfo {",
    ...ABI_EVENT_INFO.fields.flatMap(({ name, doc }) => [`  /** ${doc} */`, `  readonly ${name}: number;`]),
    "}",
    "",
    `/** Writes the record over the ${ABI_EVENT_INFO.size} octets at \`record\`. */`,
    "export function writeEventInfo(record: Uint8Array, info: AbiEventInfo): void {",
    "  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);",
    ...ABI_EVENT_INFO.fields.map(
      ({ name, offset, type }) => `  view.${setter[type]}(${offset}, info.${name}, true);`,
    ),
    "}",
    "",
  ];
}

function qosRecord(): string[] {
  const getter = { u8: "getUint8", u32: "getUint32", u64: "getBigUint64" };
  const types = { u8: "number", u32: "number", u64: "bigint" };
  return [
    "/** The QoS record of publisher_create and subscription_create. */",
    "export interface AbiQos {",
    ...ABI_QOS.fields.flatMap(({ name, type, doc }) => [
      `  /** ${doc} */`,
      `  readonly ${camelCase(name)}: ${types[type]};`,
    ]),
    "}",
    "",
    `/** Reads the ${ABI_QOS.size} octets at \`record\`. */`,
    "export function readQos(record: Uint8Array): AbiQos {",
    "  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);",
    "  return {",
    ...ABI_QOS.fields.map(
      ({ name, offset, type }) =>
        `    ${camelCase(name)}: view.${getter[type]}(${offset}${type === "u8" ? "" : ", true"}),`,
    ),
    "  };",
    "}",
    "",
  ];
}

const HOST_TYPES: Record<AbiParameter["type"], string> = {
  i32: "number",
  u32: "number",
  i64: "bigint",
  handle: "number",
  text: "string",
  bytes: "Uint8Array",
  pointer: "Uint8Array",
};

function hostInterface(): string[] {
  return [
    "/**",
    " * What a host provides. Text is decoded; `bytes` and pointers are views of the module's memory, valid during",
    " * the call only.",
    " */",
    "export interface AbiHost {",
    ...ABI_FUNCTIONS.flatMap((fn) => {
      const parameters = fn.parameters.map(
        ({ name, type, optional }) =>
          `${camelCase(name)}: ${HOST_TYPES[type]}${optional ? " | undefined" : ""}`,
      );
      const result = { void: "void", i32: "number", i64: "bigint" }[fn.result];
      return [...comment(fn.doc), `  ${camelCase(fn.name)}(${parameters.join(", ")}): ${result};`];
    }),
    "}",
    "",
  ];
}

const LINK_HEAD = [
  "const utf8 = new TextDecoder();",
  "",
  "/**",
  " * The import object for a module. Every address and length is checked against `memory()` before the host sees",
  " * it; one that does not fit makes the call return INVALID_ARGUMENT, or do nothing where there is no result.",
  " * @param memory the octets the app may use, at the time of the call",
  " */",
  "export function linkAbi(host: AbiHost, memory: () => Uint8Array): Record<string, WebAssembly.ImportValue> {",
  "  const view = (address: number, length: number): Uint8Array | undefined => {",
  "    const octets = memory();",
  "    const start = address >>> 0;",
  "    const count = length >>> 0;",
  "    return start + count > octets.byteLength ? undefined : octets.subarray(start, start + count);",
  "  };",
  "  return {",
];

function importFunction(fn: AbiFunction): string[] {
  const parameters = wasmParameters(fn);
  const signature = parameters.map(
    ({ name, type }) => `${camelCase(name)}: ${type === "i64" ? "bigint" : "number"}`,
  );
  const views = fn.parameters.filter(({ type }) => type === "text" || type === "bytes" || type === "pointer");
  const failure = fn.result === "void" ? "return" : "return AbiError.INVALID_ARGUMENT";
  const call = `host.${camelCase(fn.name)}(${fn.parameters.map(argument).join(", ")})`;
  return [
    `    ${fn.name}: (${signature.join(", ")}) => {`,
    ...views.flatMap((parameter) => [
      `      const ${camelCase(parameter.name)}View = ${viewOf(parameter)};`,
      `      if (${optionalGuard(parameter)}${camelCase(parameter.name)}View === undefined) ${failure};`,
    ]),
    `      ${fn.result === "void" ? "" : "return "}${call};`,
    "    },",
  ];
}

function optionalGuard({ name, optional }: AbiParameter): string {
  return optional ? `${camelCase(name)} !== 0 && ` : "";
}

function viewOf({ name, type, octets, optional }: AbiParameter): string {
  const base = camelCase(name);
  if (type !== "pointer") return `view(${base}Address, ${base}Length)`;
  return optional ? `${base} === 0 ? undefined : view(${base}, ${octets})` : `view(${base}, ${octets})`;
}

function argument({ name, type }: AbiParameter): string {
  const base = camelCase(name);
  if (type === "text") return `utf8.decode(${base}View)`;
  if (type === "bytes" || type === "pointer") return `${base}View`;
  return type === "u32" ? `${base} >>> 0` : base;
}
