import { CLOCK_ROS, now } from "../env";

let latest: i64 = 0;

/** ROS time: nanoseconds since 1970, synchronised with the agent's computer; never goes back; 0 until synchronised. */
export function rosTime(): i64 {
  latest = max(latest, now(CLOCK_ROS));
  return latest;
}
