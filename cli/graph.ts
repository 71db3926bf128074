import type { Log } from "../host-agent/src/log.js";
import { openRtpsNetwork, type RtpsNetwork } from "../host-agent/src/rtps/network.js";
import { discoveryFromEnvironment } from "../host-agent/src/rtps/options.js";

/** Joins the ROS 2 graph that ROS_DOMAIN_ID, ROS_AUTOMATIC_DISCOVERY_RANGE and ROS_STATIC_PEERS name. */
export function openGraph(log: Log, domainId?: number): Promise<RtpsNetwork> {
  const discovery = discoveryFromEnvironment(process.env);
  return openRtpsNetwork({ ...discovery, domainId: domainId ?? discovery.domainId, log });
}
