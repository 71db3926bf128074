import { encodeParameterEvent, type ParameterValue } from "../ros2/parameters.js";
import type { EndpointRequest, OnSample, ReaderEntity } from "../xrce/object/data-space.js";

/** A topic between agent and device, which no network sees. */
const TOPIC = /^(rt\/)?(.*\/)?rosehip\/parameter_overrides$/;
const TYPE = "rcl_interfaces::msg::dds_::ParameterEvent_";

export const isParameterOverrides = ({ topic, type }: EndpointRequest): boolean =>
  type === TYPE && TOPIC.test(topic);

/**
 * The device's reader of its overrides: gets one ParameterEvent after each READ_DATA, with the node's name as it is on
 * the network, or nothing if there are no overrides for it.
 */
export function parameterOverridesReader(
  node: string,
  wallNs: bigint,
  parameters: ReadonlyMap<string, ParameterValue>,
  onSample: OnSample,
): ReaderEntity {
  const event = encodeParameterEvent(node, wallNs, parameters);
  let due = false;
  return {
    start: () => {
      due = parameters.size > 0;
    },
    resume: () => {
      if (due && onSample(event, true)) due = false;
    },
    close: () => {
      due = false;
    },
  };
}
