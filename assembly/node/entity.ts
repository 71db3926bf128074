import { entity_destroy, subscription_hold } from "../env";

/** Of EventInfo's flags: the payload is big-endian CDR. */
export const BIG_ENDIAN: u32 = 1;
/** Of EventInfo's flags: the request or response was larger than this board takes. */
export const TOO_LARGE: u32 = 2;
/** Of EventInfo's flags, with TOO_LARGE: not for its length, but since the firmware had no memory for it. */
export const NO_MEMORY: u32 = 4;

/** Anything of a node that the firmware holds and may have events for: a service, client, publisher or subscription. */
export abstract class Entity {
  /** The next one in the list of all. */
  next: Entity | null = null;
  /** A sample is being delivered. */
  delivering: bool = false;
  /** The firmware keeps samples back until {@link release}. */
  held: bool = false;
  /** Monotonic nanoseconds since when a sample waits for memory; 0: none does. */
  waitsSince: i64 = 0;

  /** @param handle from the firmware */
  constructor(
    readonly handle: i32,
    readonly nodeHandle: i32,
  ) {
    this.next = entities;
    entities = this;
  }

  /**
   * An event for this entity, whose payload has been taken. Runs outside of any task: it must not suspend.
   * @param kind one of the ABI's events; one that this entity does not know is to be ignored
   * @param payload block of `length` octets that the callee releases; 0 if there is none, or no room for it
   * @param flags of its EventInfo
   */
  abstract accept(kind: i32, token: i32, payload: usize, length: u32, flags: u32): void;

  /** Has the firmware keep back its samples, also the one that was shown and not taken. */
  hold(): void {
    this.held = true;
    subscription_hold(this.handle, 1);
  }

  /** Lets samples come again. */
  release(): void {
    this.held = false;
    subscription_hold(this.handle, 0);
  }

  /** Takes the entity off the graph. It must not be used any more. */
  destroy(): void {
    entity_destroy(this.handle);
    unregister(this, 0);
  }
}

let entities: Entity | null = null;

/** Forgets one entity, or all of a node. */
function unregister(entity: Entity | null, nodeHandle: i32): void {
  let previous: Entity | null = null;
  let other = entities;
  while (other !== null) {
    const next = other.next;
    if (other !== entity && (entity !== null || other.nodeHandle != nodeHandle)) previous = other;
    else if (previous === null) entities = next;
    else previous.next = next;
    other = next;
  }
}

/** Takes a node off the graph, and its entities with it. */
export function destroyNode(handle: i32): void {
  entity_destroy(handle);
  unregister(null, handle);
}

/** Samples come again where they were held for want of memory. */
export function releaseEntities(): void {
  let entity = entities;
  while (entity !== null) {
    if (entity.held && !entity.delivering) entity.release();
    entity = entity.next;
  }
}

/** The entity with this handle, or null. */
export function entityOf(handle: i32): Entity | null {
  let entity = entities;
  while (entity !== null && entity.handle != handle) entity = entity.next;
  return entity;
}
