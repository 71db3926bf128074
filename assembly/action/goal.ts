import { Message } from "../interface";
import { start } from "../task/scheduler";
import { Task } from "../task/task";
import { FeedbackMessage, GetResultResponse, GoalInfo, GoalStatus } from "./messages";
import { ActionServerBase } from "./server-base";

/** Get-result requests that may wait for one goal; a client has one. */
const WAITING_MAX = 32;

/**
 * A goal of an action server, whatever its types; it is the task that executes it.
 *
 * States (https://design.ros2.org/articles/actions.html, goal states):
 *   Accepted  -> Executing | Canceling
 *   Executing -> Canceling | Succeeded | Aborted
 *   Canceling -> Succeeded | Aborted | Canceled
 * A goal whose `execute` was called while its policy does not let it run is `queued`, and stays Accepted. It has
 * `ended` when it is in one of the last three states and its callback has returned: then its result is final, is sent
 * to those who asked, and kept until the result time-out.
 */
export abstract class Goal extends Task {
  /** The goal of the same server that was accepted after this one. */
  following: Goal | null = null;
  status: GoalStatus = GoalStatus.Accepted;
  /** It waits for its turn. */
  queued: bool = false;
  ended: bool = false;
  /** Monotonic nanoseconds at which its result is forgotten. */
  expiry: i64 = 0;
  /** Whether {@link execute} was called. */
  private scheduled: bool = false;
  /** Tokens of get-result requests that came before the end. */
  private waiting: i32[] | null = null;
  private feedbackOrNull: Message | null = null;
  private resultOrNull: Message | null = null;

  constructor(
    readonly server: ActionServerBase,
    readonly info: GoalInfo,
    readonly goalMessage: Message,
  ) {
    super();
  }

  /** 32 hexadecimal digits. */
  get goalId(): string {
    return this.info.id.toString();
  }

  /** Whether it has not come to one of its final states. */
  get isActive(): bool {
    return this.status <= GoalStatus.Canceling;
  }

  get isCancelRequested(): bool {
    return this.status == GoalStatus.Canceling;
  }

  get feedbackMessage(): Message {
    if (this.feedbackOrNull === null) this.feedbackOrNull = this.server.createFeedback();
    return changetype<Message>(changetype<usize>(this.feedbackOrNull));
  }

  get resultMessage(): Message {
    if (this.resultOrNull === null) this.resultOrNull = this.server.createResult();
    return changetype<Message>(changetype<usize>(this.resultOrNull));
  }

  set resultMessage(result: Message) {
    this.resultOrNull = result;
  }

  /** Executes a goal that was deferred, as soon as the policy lets it; the calling task goes on. */
  execute(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    this.server.schedule(this);
  }

  /** Sends `feedback` as it is now. False if that failed, or the goal is not active any more. */
  publishFeedback(): bool {
    if (!this.isActive) return false;
    return this.server.feedback.send(new FeedbackMessage(this.info.id, this.feedbackMessage));
  }

  /** Ends the goal; `result` is sent when `execute` returns. False, with a warning, if its state does not allow it. */
  succeed(): bool {
    return this.terminate(GoalStatus.Succeeded);
  }

  /** Ends the goal as failed. As {@link succeed}. */
  abort(): bool {
    return this.terminate(GoalStatus.Aborted);
  }

  /** Ends a goal whose cancellation was requested. As {@link succeed}. */
  canceled(): bool {
    return this.terminate(GoalStatus.Canceled);
  }

  /** To Canceling, if its state allows it. The caller has the server report it. */
  requestCancel(): bool {
    if (this.status > GoalStatus.Executing) return false;
    this.status = GoalStatus.Canceling;
    if (this.queued) start(this);
    return true;
  }

  run(): void {
    if (this.queued) {
      this.canceled();
    } else {
      if (this.status == GoalStatus.Accepted) {
        this.status = GoalStatus.Executing;
        this.server.report();
      }
      this.server.execute(this);
      if (this.isActive) {
        this.server.logger.warn("Goal state not set, assuming aborted. Goal ID: " + this.goalId);
        this.abort();
      }
    }
    this.end();
  }

  /** Takes a get-result request, which is answered when the goal has ended. False if too many wait. */
  addWaiting(token: i32): bool {
    let waiting = this.waiting;
    if (waiting === null) waiting = [];
    this.waiting = waiting;
    if (waiting.length == WAITING_MAX) return false;
    waiting.push(token);
    return true;
  }

  fill(response: GetResultResponse): void {
    response.status = this.status;
    response.result = this.resultMessage;
  }

  private terminate(status: GoalStatus): bool {
    const now = this.status;
    if (now != GoalStatus.Canceling && (now != GoalStatus.Executing || status == GoalStatus.Canceled)) {
      this.server.logger.warn(
        `Goal ${this.goalId} cannot go from status ${<i32>now} to ${<i32>status}; see action_msgs/GoalStatus`,
      );
      return false;
    }
    this.status = status;
    this.server.report();
    // A deferred goal may end without ever being executed.
    if (!this.scheduled) this.end();
    return true;
  }

  private end(): void {
    this.ended = true;
    this.feedbackOrNull = null;
    const waiting = this.waiting;
    if (waiting !== null) {
      const response = new GetResultResponse(this.resultMessage);
      this.fill(response);
      for (let i = 0; i < waiting.length; i++) this.server.results.answer(waiting[i], response);
      this.waiting = null;
    }
    this.server.onEnd(this);
  }
}
