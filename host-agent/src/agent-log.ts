import type { BridgeEvent } from "./bridge/bridge-context.js";
import { faultOf } from "./fault.js";
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
  const fault = faultOf(event);
  if (fault !== undefined) {
    log[fault.severity](fault.message, { ...fault.fields, remedy: fault.remedy });
    return;
  }
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
    case "device_log":
      logDeviceLine(log, event);
      return;
    case "object_created":
    case "object_deleted":
    case "internal_error":
    case "malformed_message":
      logObjectEvent(log, event);
  }
}

type ObjectEvent = Extract<
  DeviceEvent,
  {
    type: "object_created" | "object_deleted" | "internal_error" | "malformed_message";
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

const endpointFields = (event: Extract<BridgeEvent, { type: "matched" }>) => ({
  node: event.node,
  topic: event.topic,
});
