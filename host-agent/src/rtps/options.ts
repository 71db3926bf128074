import { RosehipError } from "../errors.js";
import { MAX_DOMAIN_ID } from "./transport/ports.js";

/** ROS_AUTOMATIC_DISCOVERY_RANGE (REP-2003 and the ROS 2 documentation, "Improved dynamic discovery"). */
export type DiscoveryRange = "OFF" | "SUBNET" | "LOCALHOST" | "SYSTEM_DEFAULT";

export interface DiscoveryOptions {
  /** 0 to 232. */
  readonly domainId: number;
  /** SYSTEM_DEFAULT is SUBNET here, as the DDS implementations have it. Default: SUBNET. */
  readonly range?: DiscoveryRange;
  /** Host names or IPv4 addresses that are sought by unicast besides. Ignored if the range is OFF. */
  readonly staticPeers?: readonly string[];
}

const RANGES: readonly string[] = ["OFF", "SUBNET", "LOCALHOST", "SYSTEM_DEFAULT"];

/**
 * Reads ROS_DOMAIN_ID, ROS_AUTOMATIC_DISCOVERY_RANGE, ROS_STATIC_PEERS and the older ROS_LOCALHOST_ONLY as
 * rmw does.
 * @throws RTPS_OPTIONS if one has a value it cannot have
 */
export function discoveryFromEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): DiscoveryOptions {
  const variable = (name: string): string => environment[name]?.trim() ?? "";
  const domain = variable("ROS_DOMAIN_ID") || "0";
  const domainId = /^\d+$/.test(domain) ? Number(domain) : Number.NaN;
  checkDomainId(domainId, `ROS_DOMAIN_ID=${domain}`);
  const given = variable("ROS_AUTOMATIC_DISCOVERY_RANGE").toUpperCase();
  if (given !== "" && !RANGES.includes(given)) {
    throw new RosehipError("RTPS_OPTIONS", `unknown discovery range ${given}`, {
      where: "ROS_AUTOMATIC_DISCOVERY_RANGE",
      remedy: `Set it to one of ${RANGES.join(", ")}.`,
    });
  }
  const localhostOnly = variable("ROS_LOCALHOST_ONLY") === "1";
  const range = (given || (localhostOnly ? "LOCALHOST" : "SUBNET")) as DiscoveryRange;
  const staticPeers = variable("ROS_STATIC_PEERS")
    .split(";")
    .filter((peer) => peer !== "");
  return { domainId, range, staticPeers };
}

/** @throws RTPS_OPTIONS */
export function checkDomainId(domainId: number, where: string): void {
  if (Number.isInteger(domainId) && domainId >= 0 && domainId <= MAX_DOMAIN_ID) return;
  throw new RosehipError("RTPS_OPTIONS", `a domain id is a number from 0 to ${MAX_DOMAIN_ID}`, {
    where,
    remedy: "Set ROS_DOMAIN_ID to the one the other ROS 2 processes use.",
  });
}
