import { MISMATCH, matched } from "../env";
import { deadlineIn } from "../task/deadline";
import { park } from "../task/scheduler";
import { Entity } from "./entity";

/** How many remote ends an entity has: of a client its servers, of a publisher the subscriptions. */
export function countMatched(entity: Entity): i32 {
  return max(matched(entity.handle), 0) & (MISMATCH - 1);
}

/** Whether there is a remote end, but one that cannot match by its type or QoS. */
export function isMismatched(entity: Entity): bool {
  const count = matched(entity.handle);
  return count > 0 && (count & MISMATCH) != 0;
}

/**
 * Suspends the running task until all of `entities` have a remote end. Each of them wakes itself as a channel when
 * its MATCHED event comes.
 * @returns false after `timeoutMs` milliseconds
 */
export function waitForMatch(entities: Entity[], timeoutMs: i64): bool {
  const deadline = deadlineIn(timeoutMs);
  let i = 0;
  while (i < entities.length) {
    const entity = entities[i];
    if (countMatched(entity) > 0) i++;
    else if (!park(deadline, changetype<usize>(entity))) return false;
    // Another one may have gone meanwhile.
    else i = 0;
  }
  return true;
}
