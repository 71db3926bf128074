/**
 * The name rules of rosidl_adapter (parser.py, the same in Jazzy and Kilted). Field names follow those of packages.
 */
const LOWER_CASE_NAME = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;
const MESSAGE_NAME = /^[A-Z][A-Za-z0-9]*$/;
const CONSTANT_NAME = /^[A-Z](_?[A-Z0-9])*$/;

export const LOWER_CASE_RULE =
  "Use lower-case letters, digits and single underscores, beginning with a letter and not ending in an underscore";
export const MESSAGE_RULE = "Use letters and digits, beginning with a capital";
export const CONSTANT_RULE =
  "Use capitals, digits and single underscores, beginning with a capital and not ending in an underscore";

export function isPackageName(name: string): boolean {
  return LOWER_CASE_NAME.test(name);
}

export function isFieldName(name: string): boolean {
  return LOWER_CASE_NAME.test(name);
}

export function isConstantName(name: string): boolean {
  return CONSTANT_NAME.test(name);
}

/** rosidl also takes one prefix `Sample_` and, each once and in this order from the right, the suffixes of derived types. */
export function isMessageName(name: string): boolean {
  let rest = name.startsWith("Sample_") ? name.slice("Sample_".length) : name;
  for (const suffix of ["_Request", "_Response", "_Goal", "_Result", "_Feedback"]) {
    if (rest.endsWith(suffix)) rest = rest.slice(0, -suffix.length);
  }
  return MESSAGE_NAME.test(rest);
}
