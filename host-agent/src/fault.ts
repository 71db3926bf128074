import type { AgentEvent } from "./agent-log.js";
import type { LogFields } from "./log.js";
import { demangleTopic, demangleType } from "./ros2/names.js";
import { keyName } from "./xrce/message/client-key.js";
import { objectName } from "./xrce/message/object-id.js";
import { Status } from "./xrce/message/protocol.js";

/** Something that went wrong for a device, as its owner is to read it: in the agent's log, and in /rosout of its node. */
export interface Fault {
  readonly severity: "warn" | "error";
  /** What happened, the same for all of its kind. */
  readonly message: string;
  /** Where and why. */
  readonly fields: LogFields;
  /** A sentence for /rosout: where and why without the names of clients and nodes. */
  readonly detail: string;
  readonly remedy: string;
}

const STATUS_REMEDY: Readonly<Record<number, string>> = {
  [Status.ERR_DDS_ERROR]: "See that the domain's network can be used: ROS_DOMAIN_ID, interfaces, ports.",
  [Status.ERR_MISMATCH]: "Delete the object first, or create it with `replace`.",
  [Status.ERR_ALREADY_EXISTS]: "Delete the object first, or create it with `replace`.",
  [Status.ERR_UNKNOWN_REFERENCE]:
    "Create its parent and topic first, and name only profiles of the agent's -r file.",
  [Status.ERR_INVALID_DATA]: "Correct what the device sends.",
  [Status.ERR_INCOMPATIBLE]: "Leave out what this agent does not support.",
  [Status.ERR_RESOURCES]: "Let the device want less at a time; docs/limits.md has the limits.",
};

/** @returns undefined if the event is no fault */
export function faultOf(event: AgentEvent): Fault | undefined {
  switch (event.type) {
    case "incompatible":
      return {
        severity: "warn",
        message: "remote endpoint does not match",
        fields: { node: event.node, topic: event.topic, remote: event.remote, reason: event.reason },
        detail: `${describeTopic(event.topic)}: ${event.reason}`,
        remedy: "Give both ends the same type, and the writer a QoS that offers what the reader requests.",
      };
    case "type_hash_differs":
      return {
        severity: "warn",
        message: "remote endpoint has another definition of the type",
        fields: {
          node: event.node,
          topic: event.topic,
          remote: event.remote,
          type: event.ddsType,
          ours: event.own,
          theirs: event.other,
        },
        detail: `${describeTopic(event.topic)}: the device's ${typeName(event.ddsType)} is ${event.own}, the other end's ${event.other}; samples may be garbled`,
        remedy: "Build both ends from the same interface definition.",
      };
    case "type_hash_unknown":
      return {
        severity: "warn",
        message: "type hash is unknown",
        fields: { node: event.node, topic: event.topic, type: event.ddsType },
        detail: `${describeTopic(event.topic)}: nobody knows the hash of ${typeName(event.ddsType)}, so none is announced; data flows`,
        remedy: "Let the device send the hash if tools need it, as ros2 bag does to store the definition.",
      };
    case "request_failed":
      return {
        severity: "warn",
        message: `${event.request} failed`,
        fields: {
          client: keyName(event.clientKey),
          object: objectName(event.objectId),
          status: `0x${event.status.toString(16)}`,
          reason: event.reason,
        },
        detail: `${objectName(event.objectId)}: ${event.reason}`,
        remedy: event.remedy ?? STATUS_REMEDY[event.status] ?? "See the reason.",
      };
    default:
      return lossOf(event);
  }
}

/** Faults that lose samples, or clients. */
function lossOf(event: AgentEvent): Fault | undefined {
  switch (event.type) {
    case "sample_dropped":
      return {
        severity: "warn",
        message: "sample dropped",
        fields: {
          client: keyName(event.clientKey),
          object: objectName(event.objectId),
          reason: event.reason,
        },
        detail: `${objectName(event.objectId)}: ${event.reason}`,
        remedy: "Send smaller or fewer samples, or read on a reliable stream.",
      };
    case "sample_lost":
      return {
        severity: "error",
        message: "sample cannot be received",
        fields: { node: event.node, topic: event.topic, reason: event.reason },
        detail: `${describeTopic(event.topic)}: ${event.reason}`,
        remedy: "Send smaller samples, in plain CDR.",
      };
    case "request_dropped":
    case "reply_dropped": {
      const { clientKey, node, service, count, reason } = event;
      const requests = event.type === "request_dropped";
      return {
        severity: "warn",
        message: requests ? "request dropped" : "reply dropped",
        fields: { client: keyName(clientKey), node, service, count, reason },
        detail: `${count} of ${service}: ${reason}`,
        remedy:
          event.remedy ??
          (requests ? "Start its server, or wait for it before calling." : "Have fewer calls in flight."),
      };
    }
    case "messages_skipped":
      return {
        severity: "warn",
        message: "client gave up messages that never arrived",
        fields: { client: keyName(event.clientKey), count: event.count },
        detail: `${event.count} messages`,
        remedy: "See to the line: noise, speed, or too much for it.",
      };
    default:
      return identityFaultOf(event);
  }
}

/** Faults of a device as a whole. */
function identityFaultOf(event: AgentEvent): Fault | undefined {
  switch (event.type) {
    case "duplicate_client_key":
      return {
        severity: "error",
        message: "two devices use the same client key",
        fields: { client: keyName(event.clientKey), peers: event.peers.join(" and ") },
        detail: `${keyName(event.clientKey)} at ${event.peers.join(" and ")}`,
        remedy: "Give each device a key of its own.",
      };
    case "client_refused":
      return {
        severity: "warn",
        message: "client refused",
        fields: { client: keyName(event.clientKey), peer: event.peer, reason: event.reason },
        detail: event.reason,
        remedy: "Correct how the device opens its session.",
      };
    case "alone_in_domain":
      return {
        severity: "warn",
        message: "node is alone in its domain",
        fields: {
          client: keyName(event.clientKey),
          node: event.node,
          domain: event.domainId,
          agent: event.agentDomainId,
        },
        detail: `it is in domain ${event.domainId}, the agent's ROS_DOMAIN_ID is ${event.agentDomainId}`,
        remedy: `Start the other nodes with ROS_DOMAIN_ID=${event.domainId}, or build the device for domain ${event.agentDomainId}.`,
      };
    default:
      return undefined;
  }
}

const describeTopic = (topic: string): string => demangleTopic(topic).name;
const typeName = (type: string): string => demangleType(type) ?? type;
