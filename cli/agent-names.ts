import type { Overrides } from "../host-agent/src/bridge/overrides.js";
import { RosehipError } from "../host-agent/src/errors.js";
import { nodeNameFault, topicNameFault } from "../host-agent/src/ros2/names.js";
import type { RemapRule } from "../host-agent/src/ros2/remap.js";

type Rule = Overrides["remap"][number];

/** A client key, a serial device (its name or the beginning of it) and what follows the colon. */
const DEVICE = /^([0-9A-Fa-f]{8}|\/[^:]+|COM\d+):(?!\/\/)(.*)$/s;
const NODE = /^([A-Za-z_][A-Za-z0-9_]*):(?!\/\/)(.*)$/s;

/**
 * `[DEVICE:][NODE:]FROM:=TO`, as `ros2 run … --ros-args --remap` has it but for the device: names of topics, services and
 * actions (`chatter`, `/chatter`, `~/status`, `rostopic://…`, `rosservice://…`), `__node` (or `__name`) and `__ns`.
 * @throws RosehipError CLI_REMAP
 */
export function parseRemap(argument: string): Rule {
  const [left, to, more] = argument.split(":=");
  if (left === undefined || to === undefined || more !== undefined) {
    throw fault(argument, "it is not of the form FROM:=TO");
  }
  const { device, rest } = splitDevice(left);
  const node = NODE.exec(rest);
  const scope = { ...device, ...(node === null ? {} : { node: node[1] as string }) };
  return { ...scope, ...parseNames(argument, node === null ? rest : (node[2] as string), to) };
}

/** Takes the device off an argument that may begin with one. */
export function splitDevice(text: string): {
  readonly device: { readonly device?: string };
  readonly rest: string;
} {
  const found = DEVICE.exec(text);
  if (found === null) return { device: {}, rest: text };
  return { device: { device: found[1] as string }, rest: found[2] as string };
}

function parseNames(argument: string, from: string, to: string): RemapRule {
  if (from === "__node" || from === "__name") {
    const why = nodeNameFault(to);
    if (why !== undefined) throw fault(argument, `"${to}" is no node name: ${why}`);
    return { kind: "node", from: "", to };
  }
  if (from === "__ns") {
    const why = to === "/" ? undefined : topicNameFault(to);
    if (why !== undefined) throw fault(argument, `"${to}" is no namespace: ${why}`);
    return { kind: "namespace", from: "", to };
  }
  const [source, target] = [splitScheme(from), splitScheme(to)];
  if (target.kind !== "name" && target.kind !== source.kind) {
    throw fault(argument, "a topic cannot become a service or the other way round");
  }
  for (const { name } of [source, target]) {
    const why = nameFault(name);
    if (why !== undefined) throw fault(argument, `"${name}" is no name: ${why}`);
  }
  return { kind: source.kind, from: source.name, to: target.name };
}

function splitScheme(name: string): { readonly kind: "name" | "topic" | "service"; readonly name: string } {
  if (name.startsWith("rostopic://")) return { kind: "topic", name: name.slice("rostopic://".length) };
  if (name.startsWith("rosservice://")) return { kind: "service", name: name.slice("rosservice://".length) };
  return { kind: "name", name };
}

function nameFault(name: string): string | undefined {
  if (name === "~") return undefined;
  if (name === "") return "it is empty";
  return topicNameFault(name.startsWith("/") ? name : `/${name.replace(/^~\//, "")}`);
}

const fault = (argument: string, message: string): RosehipError =>
  new RosehipError("CLI_REMAP", message, {
    where: `--remap ${argument}`,
    remedy:
      "Give [DEVICE:][NODE:]FROM:=TO, e.g. chatter:=/robot1/chatter, __ns:=/robot1, 0BADCAFE:__node:=left_arm or /dev/ttyUSB0:/scan:=/front/scan.",
  });
