/**
 * The ROS 2 interface language as values. Type names are those of type descriptions (REP-2016):
 * `geometry_msgs/msg/Point`, `example_interfaces/srv/AddTwoInts_Request`.
 */

export const PRIMITIVE_OCTETS = {
  bool: 1,
  byte: 1,
  char: 1,
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
  float32: 4,
  float64: 8,
} as const;

export type PrimitiveName = keyof typeof PRIMITIVE_OCTETS;

const signed = (bits: bigint) => ({ least: -(2n ** (bits - 1n)), most: 2n ** (bits - 1n) - 1n });
const unsigned = (bits: bigint) => ({ least: 0n, most: 2n ** bits - 1n });

export const INTEGER_RANGE = {
  byte: unsigned(8n),
  char: unsigned(8n),
  int8: signed(8n),
  uint8: unsigned(8n),
  int16: signed(16n),
  uint16: unsigned(16n),
  int32: signed(32n),
  uint32: unsigned(32n),
  int64: signed(64n),
  uint64: unsigned(64n),
} as const;

export type ElementType =
  | { readonly kind: "primitive"; readonly name: PrimitiveName }
  /** `bound` counts characters. */
  | { readonly kind: "string"; readonly wide: boolean; readonly bound?: number }
  | { readonly kind: "message"; readonly typeName: string };

export type Multiplicity =
  | { readonly kind: "single" }
  | { readonly kind: "array"; readonly length: number }
  | { readonly kind: "sequence"; readonly bound?: number };

export interface FieldType {
  readonly element: ElementType;
  readonly multiplicity: Multiplicity;
}

/** 64-bit integers are bigint, all other numbers number. */
export type Scalar = boolean | number | bigint | string;

/** Where something stands in a definition file; line and column count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface Field {
  readonly name: string;
  readonly type: FieldType;
  readonly defaultValue?: Scalar | readonly Scalar[];
  /** Absent for fields of derived types. */
  readonly position?: Position;
}

export interface Constant {
  readonly name: string;
  readonly type: ElementType & { readonly kind: "primitive" | "string" };
  readonly value: Scalar;
}

/** A message, or a part of a service or action. */
export interface MessageDefinition {
  readonly kind: "message";
  readonly typeName: string;
  readonly fields: readonly Field[];
  readonly constants: readonly Constant[];
}

export interface ServiceDefinition {
  readonly kind: "service";
  readonly typeName: string;
  readonly request: MessageDefinition;
  readonly response: MessageDefinition;
  readonly event: MessageDefinition;
}

export interface ActionDefinition {
  readonly kind: "action";
  readonly typeName: string;
  readonly goal: MessageDefinition;
  readonly result: MessageDefinition;
  readonly feedback: MessageDefinition;
  readonly sendGoal: ServiceDefinition;
  readonly getResult: ServiceDefinition;
  readonly feedbackMessage: MessageDefinition;
}

export type InterfaceDefinition = MessageDefinition | ServiceDefinition | ActionDefinition;

/** What an empty message has on the wire: rosidl gives its structure this one octet. */
export const EMPTY_STRUCTURE_FIELD: Field = {
  name: "structure_needs_at_least_one_member",
  type: { element: { kind: "primitive", name: "uint8" }, multiplicity: { kind: "single" } },
};

/** The fields as they are on the wire and in the type description. */
export function wireFields(message: MessageDefinition): readonly Field[] {
  return message.fields.length > 0 ? message.fields : [EMPTY_STRUCTURE_FIELD];
}

/** All messages an interface consists of, itself if it is one. */
export function messagesOf(definition: InterfaceDefinition): readonly MessageDefinition[] {
  switch (definition.kind) {
    case "message":
      return [definition];
    case "service":
      return [definition.request, definition.response, definition.event];
    case "action":
      return [
        definition.goal,
        definition.result,
        definition.feedback,
        ...messagesOf(definition.sendGoal),
        ...messagesOf(definition.getResult),
        definition.feedbackMessage,
      ];
  }
}

/** `pkg/msg/Name` in parts. */
export function splitTypeName(typeName: string): { package: string; folder: string; name: string } {
  const [packageName = "", folder = "", name = ""] = typeName.split("/");
  return { package: packageName, folder, name };
}

/** Type name on DDS: `pkg::msg::dds_::Name_`. */
export function ddsTypeName(typeName: string): string {
  const { package: packageName, folder, name } = splitTypeName(typeName);
  return `${packageName}::${folder}::dds_::${name}_`;
}
