import { ActionType, Message } from "../interface";
import { expandName } from "../node/names";
import { Node } from "../node/node";
import { Goal } from "./goal";
import { GoalHandle } from "./goal-handle";
import { GoalInfo } from "./messages";
import { ActionOptions, CancelResponse, GoalResponse } from "./options";
import { ActionServerBase } from "./server-base";

/** An action server. Made by `Node#createActionServer`. */
export class ActionServer<G extends Message, R extends Message, F extends Message> extends ActionServerBase {
  constructor(
    node: Node,
    readonly type: ActionType<G, R, F>,
    name: string,
    readonly options: ActionOptions<G, R, F>,
  ) {
    super(
      node,
      expandName("action", name, node.name, node.namespace),
      type.prefix,
      type.hashes,
      options.policy,
      options.resultTimeout,
      options.goalMemory,
    );
  }

  createGoal(): Message {
    return this.type.createGoal();
  }

  createResult(): Message {
    return this.type.createResult();
  }

  createFeedback(): Message {
    return this.type.createFeedback();
  }

  createHandle(info: GoalInfo, goal: Message): Goal {
    return new GoalHandle<G, R, F>(this, info, goal);
  }

  decide(goal: Message): GoalResponse {
    return this.options.onGoal(changetype<G>(goal));
  }

  decideCancel(goal: Goal): CancelResponse {
    return this.options.onCancel(changetype<GoalHandle<G, R, F>>(goal));
  }

  onAccepted(goal: Goal): void {
    this.options.onAccepted(changetype<GoalHandle<G, R, F>>(goal));
  }

  execute(goal: Goal): void {
    this.options.execute(changetype<GoalHandle<G, R, F>>(goal));
  }
}
