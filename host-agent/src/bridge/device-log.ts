import { CdrReader } from "../cdr/reader.js";
import { DecodeError } from "../errors.js";
import { LIMITS } from "../limits.js";
import type { EndpointRequest, WriterEntity } from "../xrce/object/data-space.js";
import type { BridgeContext } from "./bridge-context.js";

export const ROSOUT_TOPIC = "rt/rosout";
export const LOG_TYPE = "rcl_interfaces::msg::dds_::Log_";

/** rcl_interfaces/msg/Log, without the place in the source. */
export interface DeviceLogLine {
  /** 10 debug, 20 info, 30 warn, 40 error, 50 fatal. */
  readonly level: number;
  /** Logger name. */
  readonly name: string;
  readonly message: string;
}

export const isDeviceLog = ({ topic, type }: EndpointRequest): boolean =>
  topic === ROSOUT_TOPIC && type === LOG_TYPE;

/** @throws DecodeError */
export function decodeDeviceLog(payload: Uint8Array): DeviceLogLine {
  const reader = new CdrReader(payload);
  reader.i32(); // stamp
  reader.u32();
  const level = reader.u8();
  const name = reader.string(LIMITS.logLineOctets);
  return { level, name, message: reader.string(LIMITS.logLineOctets) };
}

/** A writer of /rosout that also shows its lines in the agent's log, so that they are seen with no ROS 2 running. */
export function deviceLogWriter(
  writer: WriterEntity,
  node: string,
  clientKey: number,
  context: BridgeContext,
): WriterEntity {
  return {
    write: (payload) => {
      const written = writer.write(payload);
      if (written) show(payload, node, clientKey, context);
      return written;
    },
    close: () => writer.close(),
  };
}

function show(payload: Uint8Array, node: string, clientKey: number, context: BridgeContext): void {
  try {
    context.report({ type: "device_log", clientKey, node, ...decodeDeviceLog(payload) });
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    context.log.debug("a /rosout sample of a device is no rcl_interfaces/msg/Log", {
      node,
      error: error.message,
    });
  }
}
