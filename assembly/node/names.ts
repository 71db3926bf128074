import { fail } from "../rt/text";

// ROS 2 names: https://design.ros2.org/articles/topic_and_service_names.html, as rcl and rmw check them
// (rcl_validate_topic_name, rcl_expand_topic_name, rmw_validate_node_name, rmw_validate_namespace, rmw_validate_full_topic_name).

/** RMW_NODE_NAME_MAX_NAME_LENGTH. */
const NODE_NAME_MAX = 255;
/** RMW_NAMESPACE_MAX_LENGTH. */
const NAMESPACE_MAX = 245;
/** RMW_TOPIC_MAX_NAME_LENGTH: 255 less the 8 octets a middleware may put in front. */
const FULL_NAME_MAX = 247;

const SLASH = 0x2f;
const TILDE = 0x7e;

function isDigit(unit: i32): bool {
  return unit >= 0x30 && unit <= 0x39;
}

function isNameUnit(unit: i32): bool {
  return isDigit(unit) || ((unit | 0x20) - 0x61 < 26 && (unit | 0x20) >= 0x61) || unit == 0x5f;
}

/** Panics: a name is part of the program, so a wrong one is found the first time it runs. */
function refuse(kind: string, name: string, why: string): void {
  fail(kind + ' name "' + name + '" ' + why);
}

const LETTERS = 'may hold only letters, digits and "_"';
const DIGIT = "has a part that begins with a digit";
const LONG = "is too long";
const EMPTY = "has an empty part";

/** Node names: letters, digits and underscores, no digit first. */
export function checkNodeName(name: string): void {
  if (name.length == 0) refuse("node", name, EMPTY);
  if (name.length > NODE_NAME_MAX) refuse("node", name, LONG);
  if (isDigit(name.charCodeAt(0))) refuse("node", name, DIGIT);
  for (let i = 0; i < name.length; i++) {
    if (!isNameUnit(name.charCodeAt(i))) refuse("node", name, LETTERS);
  }
}

/** Checks an absolute name part by part; `given` is what it was expanded from. */
function checkAbsolute(kind: string, name: string, given: string, most: i32): void {
  if (name.length > most) refuse(kind, given, LONG);
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i);
    if (unit != SLASH) {
      if (!isNameUnit(unit)) refuse(kind, given, LETTERS);
      continue;
    }
    if (i + 1 == name.length) refuse(kind, given, EMPTY);
    const after = name.charCodeAt(i + 1);
    if (after == SLASH) refuse(kind, given, EMPTY);
    if (isDigit(after)) refuse(kind, given, DIGIT);
  }
}

/** A namespace as `Node` takes it, made absolute: "" and "/" are the root, "robot" is "/robot". */
export function absoluteNamespace(namespace: string): string {
  if (namespace.length == 0 || namespace == "/") return "/";
  const absolute = namespace.charCodeAt(0) == SLASH ? namespace : "/" + namespace;
  checkAbsolute("namespace", absolute, namespace, NAMESPACE_MAX);
  return absolute;
}

/** `name` below an absolute `namespace`. */
export function join(namespace: string, name: string): string {
  return (namespace.length == 1 ? namespace : namespace + "/") + name;
}

/** `{node}`, `{ns}` and `{namespace}` replaced, as in rcl_expand_topic_name. */
function substitute(kind: string, name: string, nodeName: string, namespace: string): string {
  const open = name.indexOf("{");
  if (open < 0) return name;
  const close = name.indexOf("}", open);
  const key = name.substring(open + 1, close);
  let value = nodeName;
  if (key == "ns" || key == "namespace") value = namespace;
  else if (key != "node") refuse(kind, name, "may hold only {node} and {ns} in braces");
  return name.substring(0, open) + value + substitute(kind, name.substring(close + 1), nodeName, namespace);
}

/**
 * The fully qualified form of a service (topic, action) name: "/name" stays, "name" is put into the node's
 * namespace, "~/name" below the node. Substitutions come first.
 * @param kind what it is the name of, for the error: "service"
 */
export function expandName(kind: string, name: string, nodeName: string, namespace: string): string {
  if (name.length == 0) refuse(kind, name, EMPTY);
  let expanded = substitute(kind, name, nodeName, namespace);
  const first = expanded.charCodeAt(0);
  if (first == TILDE) {
    if (expanded.length > 1 && expanded.charCodeAt(1) != SLASH) refuse(kind, name, 'needs "/" after "~"');
    expanded = join(namespace, nodeName) + expanded.substring(1);
  } else if (first != SLASH) {
    expanded = join(namespace, expanded);
  }
  checkAbsolute(kind, expanded, name, FULL_NAME_MAX);
  return expanded;
}
