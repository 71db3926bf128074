import { fail } from "../rt/text";

/** What a transition callback says of its outcome. */
export enum TransitionCallbackReturn {
  /** The transition reaches its goal. */
  Success = 0,
  /** It is not possible now: the node stays in the state it was in (after a shutdown: finalized). */
  Failure = 1,
  /** Something is broken: `onError` decides whether the node begins anew. */
  Error = 2,
}

/** A state of a managed node: lifecycle_msgs/msg/State. */
export class LifecycleState {
  constructor(
    readonly stateId: u8,
    readonly label: string,
  ) {}
}

/** lifecycle_msgs/msg/State's numbers. */
export namespace State {
  export const UNKNOWN: u8 = 0;
  export const UNCONFIGURED: u8 = 1;
  export const INACTIVE: u8 = 2;
  export const ACTIVE: u8 = 3;
  export const FINALIZED: u8 = 4;
  export const CONFIGURING: u8 = 10;
  export const CLEANING_UP: u8 = 11;
  export const SHUTTING_DOWN: u8 = 12;
  export const ACTIVATING: u8 = 13;
  export const DEACTIVATING: u8 = 14;
  export const ERROR_PROCESSING: u8 = 15;
}

/** lifecycle_msgs/msg/Transition's numbers of those a caller may ask for. */
export namespace Transition {
  export const CONFIGURE: u8 = 1;
  export const CLEANUP: u8 = 2;
  export const ACTIVATE: u8 = 3;
  export const DEACTIVATE: u8 = 4;
  export const UNCONFIGURED_SHUTDOWN: u8 = 5;
  export const INACTIVE_SHUTDOWN: u8 = 6;
  export const ACTIVE_SHUTDOWN: u8 = 7;
}

// The state machine of a managed node (https://design.ros2.org/articles/node_lifecycle.html), as rcl_lifecycle makes it.
//
// A node rests in one of four primary states: unconfigured (the first), inactive, active, finalized (the last). A caller's
// transition leads from one of them to a transition state, in which the callback of the same name runs; what it returns
// leads on:
//
//   from           asked for      runs in          success        failure        error
//   unconfigured   configure      configuring      inactive       unconfigured   errorprocessing
//   inactive       cleanup        cleaningup       unconfigured   inactive       errorprocessing
//   inactive       activate       activating       active         inactive       errorprocessing
//   active         deactivate     deactivating     inactive       active         errorprocessing
//   these three    shutdown       shuttingdown     finalized      finalized      errorprocessing
//                  (onError)      errorprocessing  unconfigured   finalized      finalized
//
// The table below says the same: id of the transition, start state, goal state, in rcl_lifecycle's order. The id of the
// transition that follows a callback is 10 times that of the one asked for (50 after any shutdown, 60 after an error),
// more by 1 for failure and 2 for error.

const ENTRY: usize = 3;
export const TRANSITION_COUNT: i32 = 25;

/** The table: static data, of only those apps that use it because this is a function. */
function table(): usize {
  // biome-ignore format: one transition in each line
  return memory.data<u8>([
    1, 1, 10,
    10, 10, 2,
    11, 10, 1,
    12, 10, 15,
    2, 2, 11,
    20, 11, 1,
    21, 11, 2,
    22, 11, 15,
    3, 2, 13,
    30, 13, 3,
    31, 13, 2,
    32, 13, 15,
    4, 3, 14,
    40, 14, 2,
    41, 14, 3,
    42, 14, 15,
    5, 1, 12,
    6, 2, 12,
    7, 3, 12,
    50, 12, 4,
    51, 12, 4,
    52, 12, 15,
    60, 15, 1,
    61, 15, 4,
    62, 15, 4,
  ]);
}

export function transitionId(index: i32): u8 {
  return load<u8>(table() + <usize>index * ENTRY);
}

export function startOf(index: i32): u8 {
  return load<u8>(table() + <usize>index * ENTRY, 1);
}

export function goalOf(index: i32): u8 {
  return load<u8>(table() + <usize>index * ENTRY, 2);
}

export function transitionLabel(id: u8): string {
  switch (id) {
    case Transition.CONFIGURE:
      return "configure";
    case Transition.CLEANUP:
      return "cleanup";
    case Transition.ACTIVATE:
      return "activate";
    case Transition.DEACTIVATE:
      return "deactivate";
    case Transition.UNCONFIGURED_SHUTDOWN:
    case Transition.INACTIVE_SHUTDOWN:
    case Transition.ACTIVE_SHUTDOWN:
      return "shutdown";
    default:
      return id % 10 == 0 ? "transition_success" : id % 10 == 1 ? "transition_failure" : "transition_error";
  }
}

/** All states' numbers, in rcl_lifecycle's order. */
export const STATE_COUNT: i32 = 11;

export function stateId(index: i32): u8 {
  return <u8>(index < 5 ? index : index + 5);
}

export function stateLabel(id: u8): string {
  switch (id) {
    case State.UNCONFIGURED:
      return "unconfigured";
    case State.INACTIVE:
      return "inactive";
    case State.ACTIVE:
      return "active";
    case State.FINALIZED:
      return "finalized";
    case State.CONFIGURING:
      return "configuring";
    case State.CLEANING_UP:
      return "cleaningup";
    case State.SHUTTING_DOWN:
      return "shuttingdown";
    case State.ACTIVATING:
      return "activating";
    case State.DEACTIVATING:
      return "deactivating";
    case State.ERROR_PROCESSING:
      return "errorprocessing";
    default:
      return "unknown";
  }
}

/** Index of the transition `id` out of a state, or -1. */
export function findTransition(state: u8, id: u8): i32 {
  for (let i = 0; i < TRANSITION_COUNT; i++) {
    if (startOf(i) == state && transitionId(i) == id) return i;
  }
  return -1;
}

/** Id of the transition with this label out of a state, or 0. */
export function findLabel(state: u8, label: string): u8 {
  for (let i = 0; i < TRANSITION_COUNT; i++) {
    if (startOf(i) == state && transitionLabel(transitionId(i)) == label) return transitionId(i);
  }
  return 0;
}

/** Index of the transition out of a transition state after its callback. */
export function outcome(state: u8, result: TransitionCallbackReturn): i32 {
  for (let i = 0; i < TRANSITION_COUNT; i++) {
    if (startOf(i) == state && transitionId(i) % 10 == <u8>result) return i;
  }
  fail(stateLabel(state) + " is not a transition state");
  return -1;
}
