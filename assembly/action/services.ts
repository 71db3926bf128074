import { CancelGoal } from "action_msgs/srv";
import { Message } from "../interface";
import { Node } from "../node/node";
import { Server } from "../service/server";
import { Goal } from "./goal";
import { GoalId } from "./goal-id";
import {
  CancelCode,
  CancelGoalRequest,
  CancelGoalResponse,
  GetResultRequest,
  GetResultResponse,
  GoalInfo,
  GoalStatus,
  SendGoalRequest,
  SendGoalResponse,
} from "./messages";
import { CancelResponse, GoalResponse } from "./options";
import { ActionServerBase } from "./server-base";

/** Octets of the two type hashes of a service, in ActionType#hashes. */
const SERVICE_HASHES: usize = 64;

/** <action>/_action/send_goal */
export class SendGoalService extends Server {
  constructor(
    private readonly action: ActionServerBase,
    node: Node,
    prefix: string,
    hashes: usize,
  ) {
    super(
      node,
      action.name + "/_action/send_goal",
      prefix + "SendGoal_Request_",
      prefix + "SendGoal_Response_",
      hashes,
    );
  }

  createRequest(): Message {
    return new SendGoalRequest(new GoalId(), this.action.createGoal());
  }

  createResponse(): Message {
    return new SendGoalResponse();
  }

  serve(request: Message, response: Message, token: i32): bool {
    const action = this.action;
    const asked = changetype<SendGoalRequest>(request);
    if (!action.admits(asked.id)) return true;
    const decision = action.decide(asked.goal);
    // The callback may have been suspended while another goal came.
    if ((decision != GoalResponse.Accept && decision != GoalResponse.Defer) || !action.admits(asked.id)) {
      return true;
    }
    const goal = action.accept(asked.id, asked.goal);
    const answer = changetype<SendGoalResponse>(response);
    answer.accepted = true;
    answer.stamp = goal.info.stamp;
    this.answer(token, answer);
    action.begin(goal, decision);
    return false;
  }
}

/** <action>/_action/get_result */
export class GetResultService extends Server {
  constructor(
    private readonly action: ActionServerBase,
    node: Node,
    prefix: string,
    hashes: usize,
  ) {
    super(
      node,
      action.name + "/_action/get_result",
      prefix + "GetResult_Request_",
      prefix + "GetResult_Response_",
      hashes ? hashes + SERVICE_HASHES : 0,
    );
  }

  createRequest(): Message {
    return new GetResultRequest(new GoalId());
  }

  createResponse(): Message {
    return new GetResultResponse(this.action.createResult());
  }

  /** The goal ended with the run that trapped; the one that asked is the only one to know of it. */
  fault(response: Message, reason: string, trapped: bool): void {
    response.fault(reason);
    if (!trapped) return;
    changetype<GetResultResponse>(response).status = GoalStatus.Aborted;
    this.action.report();
  }

  serve(request: Message, response: Message, token: i32): bool {
    const goal = this.action.find(changetype<GetResultRequest>(request).id);
    // Status Unknown.
    if (goal === null) return true;
    if (!goal.ended) {
      if (goal.addWaiting(token)) return false;
      this.logger.warn(this.name + ": too many requests for one goal");
      return true;
    }
    goal.fill(changetype<GetResultResponse>(response));
    return true;
  }
}

/**
 * <action>/_action/cancel_goal. What is to be cancelled (action_msgs/CancelGoal, as rcl_action reads it):
 *   goal ID   stamp
 *   zero      zero    all goals
 *   zero      set     all that were accepted at or before it
 *   set       zero    that one
 *   set       set     that one and all that were accepted at or before the stamp
 */
export class CancelGoalService extends Server {
  constructor(
    private readonly action: ActionServerBase,
    node: Node,
  ) {
    super(
      node,
      action.name + "/_action/cancel_goal",
      CancelGoal.requestName,
      CancelGoal.responseName,
      CancelGoal.hashes,
    );
  }

  createRequest(): Message {
    return new CancelGoalRequest(new GoalInfo());
  }

  createResponse(): Message {
    return new CancelGoalResponse();
  }

  serve(request: Message, response: Message, _token: i32): bool {
    const asked = changetype<CancelGoalRequest>(request).info;
    const answer = changetype<CancelGoalResponse>(response);
    const candidates: Goal[] = [];
    answer.returnCode = this.select(asked, candidates);
    for (let i = 0; i < candidates.length; i++) {
      const goal = candidates[i];
      // It may have ended while the callback was suspended.
      if (this.action.decideCancel(goal) != CancelResponse.Accept || !goal.requestCancel()) continue;
      answer.goalsCanceling.push(goal.info);
      this.action.report();
    }
    if (candidates.length != 0 && answer.goalsCanceling.length == 0) answer.returnCode = CancelCode.Rejected;
    return true;
  }

  private select(asked: GoalInfo, candidates: Goal[]): CancelCode {
    const id = asked.id;
    const single = !id.isZero && asked.stamp == 0;
    const until = id.isZero && asked.stamp == 0 ? i64.MAX_VALUE : asked.stamp;
    let code = single ? CancelCode.UnknownGoalId : CancelCode.None;
    let goal = this.action.first;
    while (goal !== null) {
      const isOne = goal.info.id.equals(id);
      const cancelable = goal.status <= GoalStatus.Executing;
      if (cancelable && (isOne || (!single && goal.info.stamp <= until))) candidates.push(goal);
      if (single && isOne) code = cancelable ? CancelCode.None : CancelCode.GoalTerminated;
      goal = goal.following;
    }
    return code;
  }
}
