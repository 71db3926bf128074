import { ActionType, Message } from "../interface";
import { expandName } from "../node/names";
import { Node } from "../node/node";
import { FOREVER } from "../task/deadline";
import { ActionClientBase } from "./client-base";
import { ClientGoalHandle } from "./client-goal-handle";

/** An action client. Made by `Node#createActionClient`. */
export class ActionClient<G extends Message, R extends Message, F extends Message> extends ActionClientBase {
  constructor(
    node: Node,
    readonly type: ActionType<G, R, F>,
    name: string,
  ) {
    super(node, expandName("action", name, node.name, node.namespace), type.prefix, type.hashes);
  }

  /**
   * Sends a goal and suspends the calling task until the server has accepted or rejected it.
   * @param onFeedback gets each feedback of this goal, one after the other, in a task of their own
   * @returns the goal, whose `accepted` tells the decision; null if there was no answer in time: `error` tells why
   */
  sendGoal(
    goal: G,
    onFeedback: ((feedback: F, goal: ClientGoalHandle<G, R, F>) => void) | null = null,
    timeoutMs: i64 = FOREVER,
  ): ClientGoalHandle<G, R, F> | null {
    const handle = new ClientGoalHandle<G, R, F>(this, this.newGoalInfo(), this.type, onFeedback);
    return this.send(handle, goal, timeoutMs) ? handle : null;
  }
}
