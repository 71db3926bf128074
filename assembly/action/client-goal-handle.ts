import { ActionType, encode, Message } from "../interface";
import { Requester } from "../service/requester";
import { deadlineIn, FOREVER } from "../task/deadline";
import { ActionClientBase } from "./client-base";
import { CancelGoalResponse, GetResultRequest, GetResultResponse, GoalInfo, GoalStatus } from "./messages";

/** A goal that a client sent, whatever its types. */
export abstract class ClientGoal {
  /** Another goal of the same client that may still get feedback. */
  next: ClientGoal | null = null;
  /** Whether the server took it. */
  accepted: bool = false;
  /** What the server last said of it. */
  status: GoalStatus = GoalStatus.Unknown;

  constructor(
    readonly client: ActionClientBase,
    readonly info: GoalInfo,
  ) {}

  abstract createFeedback(): Message;
  abstract onFeedback(feedback: Message): void;

  /** ROS time in nanoseconds at which it was accepted. */
  get stamp(): i64 {
    return this.info.stamp;
  }

  /** 32 hexadecimal digits. */
  get goalId(): string {
    return this.info.id.toString();
  }

  /**
   * Asks the server to cancel this goal; its `execute` then sees it, and ends when it likes.
   * @returns the server's answer; null if there was none in time: `client.error` tells why
   */
  cancel(timeoutMs: i64 = FOREVER): CancelGoalResponse | null {
    return this.client.cancel(new GoalInfo(this.info.id, 0), timeoutMs);
  }

  protected fetchResult(result: Message, requester: Requester, timeoutMs: i64): bool {
    const response = new GetResultResponse(result);
    const request = encode(new GetResultRequest(this.info.id));
    if (!requester.exchange(request, response, deadlineIn(timeoutMs))) {
      this.client.error = requester.error;
      return false;
    }
    this.status = response.status;
    this.client.forget(this);
    return true;
  }
}

/** A goal that a client sent: rclpy's ClientGoalHandle. */
export class ClientGoalHandle<G extends Message, R extends Message, F extends Message> extends ClientGoal {
  constructor(
    client: ActionClientBase,
    info: GoalInfo,
    private readonly type: ActionType<G, R, F>,
    private readonly handler: ((feedback: F, goal: ClientGoalHandle<G, R, F>) => void) | null,
  ) {
    super(client, info);
  }

  createFeedback(): Message {
    return this.type.createFeedback();
  }

  onFeedback(feedback: Message): void {
    const handler = this.handler;
    if (handler !== null) handler(changetype<F>(feedback), this);
  }

  /**
   * Suspends the calling task until the goal has ended. It may be called again while the server keeps the result.
   * @returns the result; `status` tells whether the goal succeeded, was cancelled or aborted, and is Unknown if the server
   *   does not know the goal (any more). null if there was no answer in time: `client.error` tells why
   */
  getResult(timeoutMs: i64 = FOREVER): R | null {
    const result = this.type.createResult();
    return this.fetchResult(result, this.client.results, timeoutMs) ? result : null;
  }
}
