import type { Qos } from "../bridge/network.js";

/** QoS as a device states it, whatever protocol it speaks. Times in milliseconds; 0 or absent is infinite. */
export interface DeviceQos {
  readonly reliable: boolean;
  readonly durability: "volatile" | "transient_local" | "transient" | "persistent";
  readonly keepAll: boolean;
  readonly depth?: number;
  readonly deadlineMs?: number;
  readonly lifespanMs?: number;
  readonly liveliness?: { readonly manualByTopic: boolean; readonly leaseMs?: number };
}

/** rmw_qos_profile_default's depth, for a device that asks for the last samples and does not say how many. */
const DEFAULT_DEPTH = 10;
const NS_PER_MS = 1_000_000n;

/**
 * The network's QoS for a device endpoint. Transient and persistent durability are offered as transient local: there
 * is no store beyond the writer, as in all ROS 2 middlewares' defaults.
 */
export function networkQos(device: DeviceQos): Qos {
  const depth = device.depth === undefined || device.depth === 0 ? DEFAULT_DEPTH : device.depth;
  return {
    reliability: device.reliable ? "reliable" : "best_effort",
    durability: device.durability === "volatile" ? "volatile" : "transient_local",
    history: device.keepAll ? { kind: "keep_all" } : { kind: "keep_last", depth },
    ...(device.deadlineMs ? { deadline: BigInt(device.deadlineMs) * NS_PER_MS } : {}),
    ...(device.lifespanMs ? { lifespan: BigInt(device.lifespanMs) * NS_PER_MS } : {}),
    ...(device.liveliness ? { liveliness: networkLiveliness(device.liveliness) } : {}),
  };
}

function networkLiveliness({ manualByTopic, leaseMs }: NonNullable<DeviceQos["liveliness"]>) {
  return {
    kind: manualByTopic ? "manual_by_topic" : "automatic",
    ...(leaseMs ? { lease: BigInt(leaseMs) * NS_PER_MS } : {}),
  } as const;
}
