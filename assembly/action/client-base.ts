import { GoalStatusArray_Type } from "action_msgs/msg";
import { CancelGoal } from "action_msgs/srv";
import { CdrReader, CdrWriter } from "../cdr";
import { encode, Message } from "../interface";
import { waitForMatch } from "../node/matched";
import { Node } from "../node/node";
import { Requester } from "../service/requester";
import { deadlineIn, FOREVER } from "../task/deadline";
import { QoS } from "../topic/qos";
import { Reader } from "../topic/reader";
import { ClientGoal } from "./client-goal-handle";
import { GoalId, newGoalId } from "./goal-id";
import {
  CancelGoalRequest,
  CancelGoalResponse,
  GoalInfo,
  GoalStatus,
  SendGoalRequest,
  SendGoalResponse,
} from "./messages";

/** Where the hashes of the get-result service and of the feedback message are, in ActionType#hashes. */
const RESULT_HASHES: usize = 64;
const FEEDBACK_HASH: usize = 128;

/** Goals of a client that get feedback; when there are more, the oldest gets none any more. */
const GOALS_MAX = 64;

/** An action client, whatever its types. */
export abstract class ActionClientBase {
  /** Why the last call gave nothing. */
  error: string = "";
  // Set at the end of the constructor, because they refer to this object; asc does not see it.
  readonly results: Requester;
  /** Goals whose result was not fetched, the newest first: feedback and states are for them. */
  goals: ClientGoal | null = null;
  private readonly goalRequests: Requester;
  private readonly cancelRequests: Requester;
  private readonly feedback!: FeedbackReader;
  private readonly status!: StatusReader;

  /** @param name fully qualified */
  constructor(
    node: Node,
    readonly name: string,
    prefix: string,
    hashes: usize,
  ) {
    const base = name + "/_action/";
    this.goalRequests = new Requester(
      node,
      base + "send_goal",
      prefix + "SendGoal_Request_",
      prefix + "SendGoal_Response_",
      hashes,
    );
    this.cancelRequests = new Requester(
      node,
      base + "cancel_goal",
      CancelGoal.requestName,
      CancelGoal.responseName,
      CancelGoal.hashes,
    );
    this.results = new Requester(
      node,
      base + "get_result",
      prefix + "GetResult_Request_",
      prefix + "GetResult_Response_",
      hashes ? hashes + RESULT_HASHES : 0,
    );
    this.feedback = new FeedbackReader(this, node, prefix, hashes ? hashes + FEEDBACK_HASH : 0);
    this.status = new StatusReader(this, node);
  }

  /** Suspends the calling task until there is a server with all that belongs to it. @returns false after `timeoutMs` milliseconds */
  waitForServer(timeoutMs: i64 = FOREVER): bool {
    return waitForMatch(
      [this.goalRequests, this.cancelRequests, this.results, this.feedback, this.status],
      timeoutMs,
    );
  }

  /** Asks the server to cancel all its goals, whoever sent them. As `ClientGoalHandle#cancel`. */
  cancelAll(timeoutMs: i64 = FOREVER): CancelGoalResponse | null {
    return this.cancel(new GoalInfo(), timeoutMs);
  }

  /** Asks the server to cancel all goals accepted at or before `stamp`, ROS time in nanoseconds. As {@link cancelAll}. */
  cancelBefore(stamp: i64, timeoutMs: i64 = FOREVER): CancelGoalResponse | null {
    return this.cancel(new GoalInfo(new GoalId(), stamp), timeoutMs);
  }

  cancel(info: GoalInfo, timeoutMs: i64): CancelGoalResponse | null {
    const response = new CancelGoalResponse();
    const request = encode(new CancelGoalRequest(info));
    if (this.cancelRequests.exchange(request, response, deadlineIn(timeoutMs))) return response;
    this.error = this.cancelRequests.error;
    return null;
  }

  /** Takes the client off the graph. It must not be used any more. */
  destroy(): void {
    this.goalRequests.destroy();
    this.cancelRequests.destroy();
    this.results.destroy();
    this.feedback.destroy();
    this.status.destroy();
  }

  protected newGoalInfo(): GoalInfo {
    return new GoalInfo(newGoalId(), 0);
  }

  /** Sends a goal. It is known before the answer comes, since feedback may be there first. */
  protected send(goal: ClientGoal, message: Message, timeoutMs: i64): bool {
    goal.next = this.goals;
    this.goals = goal;
    const response = new SendGoalResponse();
    const request = encode(new SendGoalRequest(goal.info.id, message));
    const answered = this.goalRequests.exchange(request, response, deadlineIn(timeoutMs));
    goal.accepted = response.accepted;
    goal.info.stamp = response.stamp;
    if (!answered) this.error = this.goalRequests.error;
    if (!goal.accepted) this.forget(goal);
    else this.limitGoals();
    return answered;
  }

  find(id: GoalId): ClientGoal | null {
    let goal = this.goals;
    while (goal !== null && !goal.info.id.equals(id)) goal = goal.next;
    return goal;
  }

  forget(goal: ClientGoal): void {
    if (this.goals === goal) {
      this.goals = goal.next;
      return;
    }
    let other = this.goals;
    while (other !== null && other.next !== goal) other = other.next;
    if (other !== null) other.next = goal.next;
  }

  /** Goals whose result nobody fetches are not kept for ever. */
  private limitGoals(): void {
    let goal = this.goals;
    for (let count = 1; goal !== null && count < GOALS_MAX; count++) goal = goal.next;
    if (goal !== null) goal.next = null;
  }
}

/** A feedback message whose goal decides how it is decoded: null in `goal` for one that is not this client's. */
class ReceivedFeedback extends Message {
  goal: ClientGoal | null = null;
  feedback: Message | null = null;

  constructor(private readonly client: ActionClientBase) {
    super();
  }

  serialize(_writer: CdrWriter): void {}

  deserialize(reader: CdrReader): void {
    const id = new GoalId();
    id.deserialize(reader);
    const goal = this.client.find(id);
    if (goal === null) return;
    const feedback = goal.createFeedback();
    feedback.deserialize(reader);
    this.goal = goal;
    this.feedback = feedback;
  }
}

class FeedbackReader extends Reader {
  constructor(
    private readonly client: ActionClientBase,
    node: Node,
    prefix: string,
    hash: usize,
  ) {
    super(node, client.name + "/_action/feedback", prefix + "FeedbackMessage_", hash, new QoS(10));
  }

  createMessage(): Message {
    return new ReceivedFeedback(this.client);
  }

  deliver(message: Message): void {
    const received = changetype<ReceivedFeedback>(message);
    const goal = received.goal;
    const feedback = received.feedback;
    if (goal !== null && feedback !== null) goal.onFeedback(feedback);
  }
}

/** action_msgs/GoalStatusArray, applied to a client's goals while it is read. */
class ReceivedStatus extends Message {
  constructor(private readonly client: ActionClientBase) {
    super();
  }

  serialize(_writer: CdrWriter): void {}

  deserialize(reader: CdrReader): void {
    const info = new GoalInfo();
    // Least octets of a GoalStatus.
    const count = reader.length(25);
    for (let i = 0; i < count; i++) {
      info.deserialize(reader);
      const goal = this.client.find(info.id);
      const status: GoalStatus = reader.i8();
      if (goal !== null) goal.status = status;
    }
  }
}

class StatusReader extends Reader {
  constructor(
    private readonly client: ActionClientBase,
    node: Node,
  ) {
    super(
      node,
      client.name + "/_action/status",
      GoalStatusArray_Type.name,
      GoalStatusArray_Type.hash,
      QoS.transientLocal(1),
    );
  }

  createMessage(): Message {
    return new ReceivedStatus(this.client);
  }

  deliver(_message: Message): void {}
}
