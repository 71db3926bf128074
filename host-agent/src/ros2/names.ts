import { RosehipError } from "../errors.js";

/**
 * ROS 2 names on DDS (design.ros2.org, "Topic and Service name mapping to DDS", and rmw's validation): each fully
 * qualified name carries a prefix that says what it is, and services are two topics.
 */
const TOKEN = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** rmw_validate_node_name and rmw_validate_full_topic_name. */
const MAX_NODE_NAME = 255;
const MAX_TOPIC_NAME = 247;

export interface NodeName {
  readonly name: string;
  /** Absolute, without a slash at its end but for the root "/". */
  readonly namespace: string;
}

/** @returns why `name` is no node name, or undefined */
export function nodeNameFault(name: string): string | undefined {
  if (name === "") return "it is empty";
  if (name.length > MAX_NODE_NAME) return `it is longer than ${MAX_NODE_NAME} characters`;
  if (!TOKEN.test(name)) return "it may hold letters, digits and underscores and may not start with a digit";
  return undefined;
}

/**
 * Splits a node name as a client gives it: `name`, or fully qualified `/ns/name` as soon as it holds a slash.
 * @throws RosehipError XRCE_NODE_NAME
 */
export function parseNodeName(given: string): NodeName {
  const cut = given.lastIndexOf("/");
  const name = given.slice(cut + 1);
  const namespace = cut <= 0 ? "/" : absolute(given.slice(0, cut));
  const fault = nodeNameFault(name) ?? (namespace === "/" ? undefined : namespaceFault(namespace));
  if (fault === undefined) return { name, namespace };
  throw new RosehipError("XRCE_NODE_NAME", `"${given}" is no node name: ${fault}`, {
    remedy: "Name the participant as the node, e.g. minimal_service or /factory/arm.",
  });
}

const absolute = (namespace: string): string => (namespace.startsWith("/") ? namespace : `/${namespace}`);

function namespaceFault(namespace: string): string | undefined {
  const bad = namespace
    .slice(1)
    .split("/")
    .find((token) => !TOKEN.test(token));
  return bad === undefined ? undefined : `"${bad}" in its namespace is no ROS 2 name`;
}

/** @returns why `name` is no fully qualified topic or service name, or undefined */
export function topicNameFault(name: string): string | undefined {
  if (!name.startsWith("/")) return "it does not start with a slash";
  if (name.length > MAX_TOPIC_NAME) return `it is longer than ${MAX_TOPIC_NAME} characters`;
  const bad = name
    .slice(1)
    .split("/")
    .find((token) => !TOKEN.test(token));
  return bad === undefined ? undefined : `"${bad}" in it is no ROS 2 name`;
}

/** What a DDS topic name stands for in ROS 2; a topic without ROS 2's prefixes is itself. */
export interface RosName {
  readonly role: "topic" | "service" | "dds";
  /** `/chatter`, `/add_two_ints`. */
  readonly name: string;
}

const SERVICE = /^(rq\/(.+)Request|rr\/(.+)Reply)$/;

export function demangleTopic(topic: string): RosName {
  if (topic.startsWith("rt/")) return { role: "topic", name: topic.slice(2) };
  const service = SERVICE.exec(topic);
  const name = service?.[2] ?? service?.[3];
  return name === undefined ? { role: "dds", name: topic } : { role: "service", name: `/${name}` };
}

/** `/chatter` -> `rt/chatter`. */
export const mangleTopic = (name: string): string => `rt${name}`;
/** `/add_two_ints` -> `rq/add_two_intsRequest`. */
export const mangleRequest = (service: string): string => `rq${service}Request`;
/** `/add_two_ints` -> `rr/add_two_intsReply`. */
export const mangleReply = (service: string): string => `rr${service}Reply`;

/** The three services and two topics of an action (design.ros2.org, "Actions"). */
export const actionNames = (action: string) => ({
  sendGoal: `${action}/_action/send_goal`,
  getResult: `${action}/_action/get_result`,
  cancelGoal: `${action}/_action/cancel_goal`,
  feedback: `${action}/_action/feedback`,
  status: `${action}/_action/status`,
});

const DDS_TYPE = /^([A-Za-z]\w*)::(msg|srv|action)::dds_::([A-Za-z]\w*)_$/;

/** `std_msgs::msg::dds_::String_` -> `std_msgs/msg/String`; undefined if it is not a ROS 2 type. */
export function demangleType(type: string): string | undefined {
  const parts = DDS_TYPE.exec(type);
  return parts === null ? undefined : `${parts[1]}/${parts[2]}/${parts[3]}`;
}
