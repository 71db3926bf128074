import type { GraphMember } from "./graph.js";

/** Those who live in a graph's time. */
export class GraphMembers extends Set<GraphMember> {
  /** The earliest time at which one has something to do by itself; undefined for never. */
  get wakeAt(): bigint | undefined {
    let earliest: bigint | undefined;
    for (const { wakeAt } of this) {
      if (wakeAt !== undefined && (earliest === undefined || wakeAt < earliest)) earliest = wakeAt;
    }
    return earliest;
  }
}
