import { NavigateToPosition } from "navigation_interfaces/action";
import { CancelResponse, GoalPolicy, GoalResponse, Node, sleep } from "rosehip/assembly";

/** Metres per second. */
const SPEED: f64 = 0.5;
const PERIOD_MS = 100;

const node = new Node("navigator");
let x: f64 = 0;
let y: f64 = 0;

node.createActionServer(NavigateToPosition, "navigate_to_position", {
  policy: GoalPolicy.Preempt,
  onGoal: (goal) => GoalResponse.Accept,
  onCancel: (handle) => CancelResponse.Accept,
  execute: (handle) => {
    const goal = handle.goal;
    const result = handle.result;
    node.logger.info(`Driving to (${goal.x}, ${goal.y})`);
    let distance = Math.hypot(goal.x - x, goal.y - y);
    while (distance > 0 && !handle.isCancelRequested) {
      const step = Math.min(1, (SPEED * PERIOD_MS) / 1000 / distance);
      x += (goal.x - x) * step;
      y += (goal.y - y) * step;
      result.distance_travelled += distance * step;
      handle.feedback.distance_remaining = distance * (1 - step);
      handle.publishFeedback();
      sleep(PERIOD_MS);
      distance = Math.hypot(goal.x - x, goal.y - y);
    }
    result.x = x;
    result.y = y;
    if (distance == 0) handle.succeed();
    else handle.canceled();
  },
});
