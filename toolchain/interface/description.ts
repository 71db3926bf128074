/**
 * Type descriptions and their hashes (REP-2016; rosidl_generator_type_description). The hash is the SHA-256 of a type's
 * description and those of all types it refers to, as JSON in one fixed form, without default values.
 */
import { createHash } from "node:crypto";
import {
  type Field,
  type FieldType,
  type InterfaceDefinition,
  messagesOf,
  wireFields,
} from "./definition.js";
import type { InterfaceLibrary } from "./library.js";

/** A type with the fields its description lists. */
export interface Described {
  readonly typeName: string;
  readonly fields: readonly Field[];
}

/** Octets of a hash, without its `RIHS01_`. */
export const TYPE_HASH_OCTETS = 32;

// type_description_interfaces/msg/FieldType: base ids, and what is added for arrays and sequences.
const PRIMITIVE_ID = {
  int8: 2,
  uint8: 3,
  int16: 4,
  uint16: 5,
  int32: 6,
  uint32: 7,
  int64: 8,
  uint64: 9,
  float32: 10,
  float64: 11,
  // rosidl_adapter makes char a uint8; FIELD_TYPE_CHAR (13) occurs only in .idl files.
  char: 3,
  bool: 15,
  byte: 16,
} as const;
const NESTED_ID = 1;
const STRING_ID = 17;
const BOUNDED_STRING_ID = 21;
const ARRAY = 48;
const BOUNDED_SEQUENCE = 96;
const UNBOUNDED_SEQUENCE = 144;

function typeId({ element, multiplicity }: FieldType): number {
  const base =
    element.kind === "message"
      ? NESTED_ID
      : element.kind === "primitive"
        ? PRIMITIVE_ID[element.name]
        : (element.bound === undefined ? STRING_ID : BOUNDED_STRING_ID) + (element.wide ? 1 : 0);
  if (multiplicity.kind === "single") return base;
  if (multiplicity.kind === "array") return base + ARRAY;
  return base + (multiplicity.bound === undefined ? UNBOUNDED_SEQUENCE : BOUNDED_SEQUENCE);
}

function capacity({ multiplicity }: FieldType): number {
  if (multiplicity.kind === "array") return multiplicity.length;
  return multiplicity.kind === "sequence" ? (multiplicity.bound ?? 0) : 0;
}

/** One IndividualTypeDescription in the form that is hashed: Python's json.dumps with ", " and ": ". */
export function individualDescription(type: Described): string {
  const fields = type.fields.map(({ name, type: fieldType }) => {
    const { element } = fieldType;
    const stringCapacity = element.kind === "string" ? (element.bound ?? 0) : 0;
    const nested = element.kind === "message" ? element.typeName : "";
    return (
      `{"name": "${name}", "type": {"type_id": ${typeId(fieldType)}, "capacity": ${capacity(fieldType)}, ` +
      `"string_capacity": ${stringCapacity}, "nested_type_name": "${nested}"}}`
    );
  });
  return `{"type_name": "${type.typeName}", "fields": [${fields.join(", ")}]}`;
}

/** All types an interface file describes: the service or action itself, and every message of it. */
export function describedTypes(definition: InterfaceDefinition): Described[] {
  const messages = messagesOf(definition).map((part) => ({
    typeName: part.typeName,
    fields: wireFields(part),
  }));
  const whole = (
    type: InterfaceDefinition,
    parts: readonly (readonly [string, InterfaceDefinition])[],
  ): Described => ({
    typeName: type.typeName,
    fields: parts.map(([name, { typeName }]) => ({
      name,
      type: { element: { kind: "message", typeName }, multiplicity: { kind: "single" } },
    })),
  });
  switch (definition.kind) {
    case "message":
      return messages;
    case "service":
      return [whole(definition, serviceParts(definition)), ...messages];
    case "action":
      return [
        whole(definition, [
          ["goal", definition.goal],
          ["result", definition.result],
          ["feedback", definition.feedback],
          ["send_goal_service", definition.sendGoal],
          ["get_result_service", definition.getResult],
          ["feedback_message", definition.feedbackMessage],
        ]),
        whole(definition.sendGoal, serviceParts(definition.sendGoal)),
        whole(definition.getResult, serviceParts(definition.getResult)),
        ...messages,
      ];
  }
}

function serviceParts(service: InterfaceDefinition & { kind: "service" }) {
  return [
    ["request_message", service.request],
    ["response_message", service.response],
    ["event_message", service.event],
  ] as const;
}

/**
 * The RIHS01 hash of a type: `RIHS01_` and 64 hex digits. Services, actions and the messages derived from them have
 * one each.
 * @returns undefined if the library lacks the type or one it refers to
 */
export function typeHash(library: InterfaceLibrary, typeName: string): string | undefined {
  const referenced = new Map<string, Described>();
  const add = (type: Described): boolean =>
    type.fields.every(({ type: { element } }) => {
      if (element.kind !== "message" || referenced.has(element.typeName)) return true;
      const nested = library.description(element.typeName);
      if (nested === undefined) return false;
      referenced.set(nested.typeName, nested);
      return add(nested);
    });
  const top = library.description(typeName);
  if (top === undefined || !add(top)) return undefined;
  const sorted = [...referenced.keys()]
    .sort()
    .map((name) => individualDescription(referenced.get(name) as Described));
  const json =
    `{"type_description": ${individualDescription(top)}, ` +
    `"referenced_type_descriptions": [${sorted.join(", ")}]}`;
  return `RIHS01_${createHash("sha256").update(json).digest("hex")}`;
}
