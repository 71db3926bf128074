import { Message } from "../interface";
import { Goal } from "./goal";
import { GoalInfo } from "./messages";
import { ActionServer } from "./server";

/** A goal as its action server's callbacks see it: rclpy's ServerGoalHandle. */
export class GoalHandle<G extends Message, R extends Message, F extends Message> extends Goal {
  constructor(server: ActionServer<G, R, F>, info: GoalInfo, goal: Message) {
    super(server, info, goal);
  }

  /** What the client asked for. */
  get goal(): G {
    return changetype<G>(this.goalMessage);
  }

  /** To be filled in, then sent by `publishFeedback()`; the same object until the goal ends. */
  get feedback(): F {
    return changetype<F>(this.feedbackMessage);
  }

  /** To be filled in before `execute` returns. */
  get result(): R {
    return changetype<R>(this.resultMessage);
  }

  set result(result: R) {
    this.resultMessage = result;
  }
}
