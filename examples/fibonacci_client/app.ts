import { Fibonacci, Fibonacci_Goal } from "example_interfaces/action";
import { GoalStatus, Node } from "rosehip/assembly";

const node = new Node("fibonacci_action_client");
const client = node.createActionClient(Fibonacci, "fibonacci");

while (!client.waitForServer(1000)) node.logger.info("action server not available, waiting again...");
send(4);
send(10);

/** Sends a goal, and cancels it when its sequence has more than five numbers. */
function send(order: i32): void {
  const goal = new Fibonacci_Goal();
  goal.order = order;
  const handle = client.sendGoal(goal, (feedback, goal) => {
    node.logger.info(`Received feedback: [${feedback.sequence.join(", ")}]`);
    if (feedback.sequence.length > 5) goal.cancel();
  });
  if (handle === null) {
    node.logger.error(client.error);
    return;
  }
  if (!handle.accepted) {
    node.logger.info("Goal rejected");
    return;
  }
  node.logger.info("Goal accepted");
  const result = handle.getResult();
  if (result === null) node.logger.error(client.error);
  else if (handle.status == GoalStatus.Canceled) node.logger.info("Goal canceled");
  else node.logger.info(`Result: [${result.sequence.join(", ")}]`);
}
