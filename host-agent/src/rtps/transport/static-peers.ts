import { lookup } from "node:dns/promises";
import { RosehipError } from "../../errors.js";

/**
 * @param names host names or IPv4 addresses
 * @returns IPv4 addresses
 * @throws RTPS_STATIC_PEER
 */
export async function resolvePeers(names: readonly string[]): Promise<string[]> {
  return Promise.all(names.map(resolve));
}

async function resolve(name: string): Promise<string> {
  try {
    return (await lookup(name, { family: 4 })).address;
  } catch (cause) {
    throw new RosehipError("RTPS_STATIC_PEER", `static peer ${name} has no IPv4 address`, {
      where: "ROS_STATIC_PEERS",
      remedy: "Correct the name, or give the address instead.",
      cause,
    });
  }
}
