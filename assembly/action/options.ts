import { Message } from "../interface";
import { GoalHandle } from "./goal-handle";

/** What `onGoal` answers. */
export enum GoalResponse {
  Reject = 1,
  /** It is executed as soon as the policy lets it. */
  Accept = 2,
  /** It is accepted; `onAccepted` gets its handle, and somebody calls `handle.execute()` later. */
  Defer = 3,
}

/** What `onCancel` answers. */
export enum CancelResponse {
  Reject = 1,
  Accept = 2,
}

/** What happens to a goal that comes while another one is active. */
export enum GoalPolicy {
  /** Both are executed at once. */
  Parallel,
  /** It is accepted and executed when those before it have ended. */
  Queue,
  /** It is rejected; `onGoal` is not asked. */
  Reject,
  /** The others are cancelled, and it is executed when the one that executes has ended. */
  Preempt,
}

/** How an action server serves its goals. Every callback may suspend; other goals go on meanwhile. */
export class ActionOptions<G extends Message, R extends Message, F extends Message> {
  /**
   * Executes a goal, as a task of its own. It ends the goal by `succeed()`, `abort()` or `canceled()`; one that returns
   * without is aborted. If the app traps, all its goals are aborted.
   */
  execute!: (handle: GoalHandle<G, R, F>) => void;
  /** Accepts or rejects a goal; accepts all if not given. */
  onGoal: (goal: G) => GoalResponse = (_goal: G): GoalResponse => GoalResponse.Accept;
  /** Gets the handle of every goal that was accepted, before it is executed. */
  onAccepted: (handle: GoalHandle<G, R, F>) => void = (_handle: GoalHandle<G, R, F>): void => {};
  /**
   * Accepts or rejects to cancel a goal; rejects all if not given, as in rclpy. A goal that waits for its turn ends at
   * once; one that executes sees it by `isCancelRequested`.
   */
  onCancel: (handle: GoalHandle<G, R, F>) => CancelResponse = (
    _handle: GoalHandle<G, R, F>,
  ): CancelResponse => CancelResponse.Reject;
  policy: GoalPolicy = GoalPolicy.Parallel;
  /**
   * Milliseconds for which a result is kept for clients that ask later; below 0: for ever. 10 s as in rcl_action and
   * rclpy since Kilted. If memory runs short the oldest results go before their time.
   */
  resultTimeout: i64 = 10_000;
  /**
   * Octets that a goal may come to allocate while it executes. A goal is rejected, with a line in the log, if they are
   * not free for it and for each that is active. Those whose feedback is larger than a few dozen octets need more; that
   * is learned from the feedback they send.
   */
  goalMemory: u32 = 512;
}
