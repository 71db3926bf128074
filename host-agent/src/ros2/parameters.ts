import { CdrWriter } from "../cdr/writer.js";

/** rcl_interfaces/msg/ParameterType. */
const TYPE = {
  boolean: 1,
  integer: 2,
  double: 3,
  string: 4,
  booleans: 6,
  integers: 7,
  doubles: 8,
  strings: 9,
} as const;

/** A parameter's value; integers are 64 bits wide. */
export type ParameterValue =
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "integer"; readonly value: bigint }
  | { readonly kind: "double"; readonly value: number }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "booleans"; readonly value: readonly boolean[] }
  | { readonly kind: "integers"; readonly value: readonly bigint[] }
  | { readonly kind: "doubles"; readonly value: readonly number[] }
  | { readonly kind: "strings"; readonly value: readonly string[] };

export interface ParameterRule {
  /** Qualified name of the node, in which `*` stands for one name and `**` for any number of them. */
  readonly node: string;
  readonly name: string;
  readonly value: ParameterValue;
}

/** The parameters that the rules give a node; of two rules for one parameter the last counts, as in rcl. */
export function parametersOf(
  node: string,
  rules: readonly ParameterRule[],
): ReadonlyMap<string, ParameterValue> {
  const parameters = new Map<string, ParameterValue>();
  for (const rule of rules) if (pattern(rule.node).test(node)) parameters.set(rule.name, rule.value);
  return parameters;
}

function pattern(node: string): RegExp {
  const tokens = node.split("/").filter((token) => token !== "");
  const parts = tokens.map((token) => {
    if (token === "**") return "(?:/[^/]+)*";
    return token === "*" ? "/[^/]+" : `/${token.replace(/[^A-Za-z0-9_]/g, "\\$&")}`;
  });
  return new RegExp(`^${parts.join("")}$`);
}

/** rcl_interfaces/msg/ParameterEvent with these as new parameters, little-endian CDR. */
export function encodeParameterEvent(
  node: string,
  wallNs: bigint,
  parameters: ReadonlyMap<string, ParameterValue>,
): Uint8Array {
  const out = new CdrWriter();
  out.i32(Number(wallNs / 1_000_000_000n));
  out.u32(Number(wallNs % 1_000_000_000n));
  out.string(node);
  out.u32(parameters.size);
  for (const [name, value] of parameters) {
    out.string(name);
    writeValue(out, value);
  }
  out.u32(0); // changed_parameters
  out.u32(0); // deleted_parameters
  return out.copy();
}

/** rcl_interfaces/msg/ParameterValue: all its fields, of which the type says which one counts. */
function writeValue(out: CdrWriter, { kind, value }: ParameterValue): void {
  out.u8(TYPE[kind]);
  out.boolean(kind === "boolean" && value);
  out.i64(kind === "integer" ? value : 0n);
  out.f64(kind === "double" ? value : 0);
  out.string(kind === "string" ? value : "");
  out.u32(0); // byte_array_value
  writeSequence(kind === "booleans" ? value : [], out, (one) => out.boolean(one));
  writeSequence(kind === "integers" ? value : [], out, (one) => out.i64(one));
  writeSequence(kind === "doubles" ? value : [], out, (one) => out.f64(one));
  writeSequence(kind === "strings" ? value : [], out, (one) => out.string(one));
}

function writeSequence<T>(values: readonly T[], out: CdrWriter, write: (one: T) => void): void {
  out.u32(values.length);
  for (const one of values) write(one);
}
