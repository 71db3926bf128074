import { readFileSync } from "node:fs";
import { parseDocument, type Tags } from "yaml";
import type { Overrides } from "../host-agent/src/bridge/overrides.js";
import { RosehipError } from "../host-agent/src/errors.js";
import { nodeNameFault } from "../host-agent/src/ros2/names.js";
import type { ParameterValue } from "../host-agent/src/ros2/parameters.js";
import { splitDevice } from "./agent-names.js";

type Rule = Overrides["parameters"][number];

/** Stands above the parameters of a node in a parameter file (design.ros2.org, "Parameter API"). */
const PARAMETERS = "ros__parameters";
const EVERY_NODE = "/**";
const INT64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n };

/**
 * `[DEVICE:][NODE:]NAME:=VALUE`, as `--ros-args --param` has it but for the device; VALUE is YAML.
 * @throws RosehipError CLI_PARAM
 */
export function parseParameter(argument: string): Rule {
  const cut = argument.indexOf(":=");
  const where = { code: "CLI_PARAM", where: `--param ${argument}` };
  if (cut < 0) throw fault(where, "it is not of the form NAME:=VALUE");
  const { device, rest } = splitDevice(argument.slice(0, cut));
  const colon = rest.indexOf(":");
  const node = colon < 0 ? EVERY_NODE : absolute(rest.slice(0, colon));
  const name = rest.slice(colon + 1);
  checkNode(where, node);
  checkName(where, name);
  return { ...device, node, name, value: toValue(where, name, parseYaml(where, argument.slice(cut + 2))) };
}

/**
 * A parameter file of ROS 2: nodes (with wildcards, and namespaces as keys above them), `ros__parameters` and parameters, nested
 * or with dots. `[DEVICE:]FILE` takes it for one device.
 * @throws RosehipError CLI_PARAMS_FILE
 */
export function readParametersFile(argument: string): Rule[] {
  const { device, rest: file } = splitDevice(argument);
  const where = { code: "CLI_PARAMS_FILE", where: file };
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw fault(where, `the file cannot be read: ${(cause as Error).message}`);
  }
  const rules: Rule[] = [];
  const visit = (value: unknown, node: string): void => {
    if (!isMap(value)) throw fault(where, `below ${node || "the top"} a map of nodes is wanted`);
    for (const [key, below] of Object.entries(value)) {
      if (key === PARAMETERS)
        collect(where, below, "", (name, one) => rules.push({ ...device, node, name, value: one }));
      else visitNode(key, below, node);
    }
  };
  const visitNode = (key: string, below: unknown, parent: string): void => {
    const node = `${parent}${absolute(key)}`;
    checkNode(where, node);
    visit(below, node);
  };
  visit(parseYaml(where, text), "");
  const nowhere = rules.find(({ node }) => node === "");
  if (nowhere !== undefined) throw fault(where, `${PARAMETERS} stands above no node`);
  return rules;
}

interface Where {
  readonly code: string;
  readonly where: string;
}

const absolute = (node: string): string => (node.startsWith("/") ? node : `/${node}`);

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function collect(
  where: Where,
  value: unknown,
  prefix: string,
  found: (name: string, value: ParameterValue) => void,
): void {
  if (!isMap(value)) throw fault(where, `below ${prefix || PARAMETERS} a map of parameters is wanted`);
  for (const [key, below] of Object.entries(value)) {
    const name = prefix === "" ? key : `${prefix}.${key}`;
    if (isMap(below)) {
      collect(where, below, name, found);
      continue;
    }
    checkName(where, name);
    found(name, toValue(where, name, below));
  }
}

/** YAML 1.1, as rcl reads it (yes and on are booleans), but times of day and dates are text. */
function parseYaml(where: Where, text: string): unknown {
  const notInRcl = new Set(["tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:binary"]);
  const customTags = (tags: Tags): Tags =>
    tags.filter((tag) => typeof tag === "string" || (!notInRcl.has(tag.tag) && tag.format !== "TIME"));
  const document = parseDocument(text, { version: "1.1", intAsBigInt: true, customTags });
  const [error] = document.errors;
  if (error !== undefined) {
    const line = error.linePos?.[0].line;
    const place = where.code === "CLI_PARAM" || line === undefined ? where.where : `${where.where}:${line}`;
    throw fault({ ...where, where: place }, `it is no YAML: ${error.message.split("\n")[0]}`);
  }
  return document.toJS() as unknown;
}

function toValue(where: Where, name: string, value: unknown): ParameterValue {
  if (Array.isArray(value)) return toSequence(where, name, value);
  switch (typeof value) {
    case "boolean":
      return { kind: "boolean", value };
    case "bigint":
      if (value >= INT64.min && value <= INT64.max) return { kind: "integer", value };
      throw fault(where, `${name}: ${value} does not fit into 64 bits`);
    case "number":
      return { kind: "double", value };
    case "string":
      return { kind: "string", value };
    default:
      throw fault(where, `${name}: a boolean, number, text or a list of one of these is wanted`);
  }
}

const SEQUENCES = { boolean: "booleans", integer: "integers", double: "doubles", string: "strings" } as const;

function toSequence(where: Where, name: string, list: readonly unknown[]): ParameterValue {
  const values = list.map((one) => toValue(where, name, one));
  const kind = values[0]?.kind;
  if (kind === undefined) throw fault(where, `${name}: an empty list does not tell of what type it is`);
  const other = values.find((one) => one.kind !== kind);
  if (other !== undefined || !(kind in SEQUENCES)) {
    throw fault(
      where,
      `${name}: a list holds values of one type, this one ${kind} and ${other?.kind ?? "a list"}`,
    );
  }
  const sequence = {
    kind: SEQUENCES[kind as keyof typeof SEQUENCES],
    value: values.map(({ value }) => value),
  };
  return sequence as ParameterValue;
}

function checkNode(where: Where, node: string): void {
  for (const token of node.slice(1).split("/")) {
    const why = token === "*" || token === "**" ? undefined : nodeNameFault(token);
    if (why !== undefined)
      throw fault(where, `"${token}" in ${node} is no name of a node or namespace: ${why}`);
  }
}

function checkName(where: Where, name: string): void {
  if (/^[^\s.:]+(\.[^\s.:]+)*$/.test(name)) return;
  throw fault(where, `"${name}" is no name of a parameter`);
}

const fault = ({ code, where }: Where, message: string): RosehipError =>
  new RosehipError(code, message, {
    where,
    remedy:
      code === "CLI_PARAM"
        ? "Give [DEVICE:][NODE:]NAME:=VALUE, e.g. speed:=1.5, arm:limits.max:=3 or 0BADCAFE:name:=left."
        : "Give a parameter file of ROS 2: a node such as /arm or /**, below it ros__parameters, below it the parameters.",
  });
