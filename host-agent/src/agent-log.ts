import type { BridgeEvent } from "./bridge/bridge-context.js";
import type { Log } from "./log.js";
import { demangleTopic, demangleType } from "./ros2/names.js";
import type { DeviceEvent } from "./xrce/events.js";
import { keyName } from "./xrce/message/client-key.js";
import { objectName } from "./xrce/message/object-id.js";
import type { ObjectDescription } from "./xrce/message/representation/description.js";

/** Everything an agent tells: {@link Agent.on}. */
export type AgentEvent = DeviceEvent | BridgeEvent;

/** Writes each event as one line, on the level a user expects it. */
export function logEvent(log: Log, event: AgentEvent): void {
  switch (event.type) {
    case "client_connected":
      log.info(event.resumed ? "client came back" : "client connected", {
        client: keyName(event.clientKey),
        peer: event.peer,
        mtu: event.mtu,
      });
      return;
    case "client_gone":
      log.info("client is gone", { client: keyName(event.clientKey), reason: event.reason });
      return;
    case "client_refused":
      log.warn("client refused", {
        client: keyName(event.clientKey),
        peer: event.peer,
        reason: event.reason,
      });
      return;
    case "duplicate_client_key":
      log.error("two devices use the same client key: give each its own", {
        client: keyName(event.clientKey),
        peers: event.peers.join(" and "),
      });
      return;
    case "node_created":
      log.info("node created", nodeFields(event));
      return;
    case "node_gone":
      log.info("node is gone", nodeFields(event));
      return;
    case "matched":
      log.info(event.matched ? "matched" : "unmatched", {
        ...endpointFields(event),
        remote: event.remote,
        total: event.total,
      });
      return;
    case "incompatible":
      log.warn("remote endpoint does not match", {
        ...endpointFields(event),
        remote: event.remote,
        reason: event.reason,
      });
      return;
    case "request_dropped":
      log.warn("request dropped", serviceFields(event));
      return;
    case "reply_dropped":
      log.warn("reply dropped", serviceFields(event));
      return;
    case "device_log":
      logDeviceLine(log, event);
      return;
    default:
      logObjectEvent(log, event);
  }
}

type ObjectEvent = Extract<
  DeviceEvent,
  {
    type:
      | "object_created"
      | "object_deleted"
      | "request_failed"
      | "sample_dropped"
      | "messages_skipped"
      | "internal_error"
      | "malformed_message";
  }
>;

function logObjectEvent(log: Log, event: ObjectEvent): void {
  switch (event.type) {
    case "object_created":
      logCreated(log, event.clientKey, event.description);
      return;
    case "object_deleted":
      log.debug("object deleted", objectFields(event));
      return;
    case "request_failed":
      log.warn(`${event.request} failed`, {
        ...objectFields(event),
        status: `0x${event.status.toString(16)}`,
        reason: event.reason,
      });
      return;
    case "sample_dropped":
      log.warn("sample dropped", { ...objectFields(event), reason: event.reason });
      return;
    case "messages_skipped":
      log.warn("client gave up messages that never arrived", {
        client: keyName(event.clientKey),
        count: event.count,
      });
      return;
    case "internal_error": {
      const text =
        event.error instanceof Error ? (event.error.stack ?? event.error.message) : String(event.error);
      log.error("fault of the agent's own; please report it", { where: event.where, error: text });
      return;
    }
    case "malformed_message":
      log.debug("malformed message", { peer: event.peer, reason: event.reason });
  }
}

function logCreated(log: Log, clientKey: number, description: ObjectDescription): void {
  const client = keyName(clientKey);
  switch (description.kind) {
    case "requester":
    case "replier": {
      const service = demangleTopic(description.requestTopic).name;
      const message = description.kind === "replier" ? "service created" : "service client created";
      const type = (demangleType(description.requestType) ?? description.requestType).replace(
        /_Request$/,
        "",
      );
      log.info(message, { client, service, type });
      return;
    }
    case "topic":
      log.info("topic created", {
        client,
        topic: demangleTopic(description.name).name,
        type: demangleType(description.type) ?? description.type,
      });
      return;
    default:
      log.debug(`${description.kind} created`, { client });
  }
}

function logDeviceLine(log: Log, event: Extract<BridgeEvent, { type: "device_log" }>): void {
  const fields = { client: keyName(event.clientKey), node: event.node, logger: event.name };
  // Levels of rcl_interfaces/msg/Log: 10, 20, 30, 40, 50.
  if (event.level >= 40) log.error(event.message, fields);
  else if (event.level >= 30) log.warn(event.message, fields);
  else if (event.level >= 20) log.info(event.message, fields);
  else log.debug(event.message, fields);
}

const objectFields = (event: { readonly clientKey: number; readonly objectId: number }) => ({
  client: keyName(event.clientKey),
  object: objectName(event.objectId),
});

const nodeFields = (event: Extract<BridgeEvent, { type: "node_created" | "node_gone" }>) => ({
  client: keyName(event.clientKey),
  node: event.node,
  domain: event.domainId,
});

const endpointFields = (event: Extract<BridgeEvent, { type: "matched" | "incompatible" }>) => ({
  node: event.node,
  topic: event.topic,
});

const serviceFields = (event: Extract<BridgeEvent, { type: "request_dropped" | "reply_dropped" }>) => ({
  client: keyName(event.clientKey),
  node: event.node,
  service: event.service,
  count: event.count,
  reason: event.reason,
});
