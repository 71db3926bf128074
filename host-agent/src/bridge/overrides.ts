import type { NodeName } from "../ros2/names.js";
import type { ParameterRule, ParameterValue } from "../ros2/parameters.js";
import { parametersOf } from "../ros2/parameters.js";
import { NodeRemapping, qualifiedName, type RemapRule } from "../ros2/remap.js";
import { keyName } from "../xrce/message/client-key.js";

/** Which devices a rule is for: a client key of eight hex digits, or the beginning of a serial device's name; absent: all. */
export interface ForDevice {
  readonly device?: string;
}

/** What the agent's user changes about devices without touching them. */
export interface Overrides {
  readonly remap: readonly (RemapRule & ForDevice)[];
  readonly parameters: readonly (ParameterRule & ForDevice)[];
}

export const NO_OVERRIDES: Overrides = { remap: [], parameters: [] };

/** A client as its transport and its CREATE_CLIENT tell it. */
export interface DeviceIdentity {
  readonly clientKey: number;
  /** `serial:/dev/ttyUSB0#1`, `udp4:10.0.0.7:5000`. */
  readonly peer: string;
}

/** @param given the node as the device names it */
export function remapNode(overrides: Overrides, device: DeviceIdentity, given: NodeName): NodeRemapping {
  return new NodeRemapping(
    given,
    overrides.remap.filter((rule) => isFor(rule, device)),
  );
}

/** @param node as it is named at last */
export function nodeParameters(
  overrides: Overrides,
  device: DeviceIdentity,
  node: NodeName,
): ReadonlyMap<string, ParameterValue> {
  const rules = overrides.parameters.filter((rule) => isFor(rule, device));
  return parametersOf(qualifiedName(node), rules);
}

function isFor({ device }: ForDevice, { clientKey, peer }: DeviceIdentity): boolean {
  if (device === undefined) return true;
  if (/^[0-9a-f]{8}$/i.test(device)) return device.toUpperCase() === keyName(clientKey).toUpperCase();
  return peer.startsWith(`serial:${device}`);
}
