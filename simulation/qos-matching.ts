import type { AbiQos } from "./abi.js";

/** rmw_qos_profile_default: reliable, volatile, the last 10. */
export const DEFAULT_QOS: AbiQos = {
  reliability: 1,
  durability: 0,
  history: 0,
  liveliness: 0,
  depth: 10,
  deadlineNs: 0n,
  lifespanNs: 0n,
  leaseNs: 0n,
};

/** Whether a publisher offers what a subscription requests (DDS 1.4, 2.2.3, "RxO"). */
export function offers(offered: AbiQos, requested: AbiQos): boolean {
  return (
    offered.reliability >= requested.reliability &&
    offered.durability >= requested.durability &&
    offered.liveliness >= requested.liveliness &&
    withinPeriod(offered.deadlineNs, requested.deadlineNs) &&
    withinPeriod(offered.leaseNs, requested.leaseNs)
  );
}

/** 0 means infinite. */
function withinPeriod(offered: bigint, requested: bigint): boolean {
  return requested === 0n || (offered !== 0n && offered <= requested);
}
