import { Fibonacci } from "example_interfaces/action";
import { AddTwoInts } from "example_interfaces/srv";
import { CancelResponse, GoalResponse, Node, sleep } from "rosehip/assembly";

const node = new Node("minimal_service");

node.createService(AddTwoInts, "add_two_ints", (request, response) => {
  response.sum = request.a + request.b;
  node.logger.info(`Incoming request: a=${request.a}, b=${request.b}`);
});

node.createActionServer(Fibonacci, "fibonacci", {
  onGoal: (goal) => (goal.order >= 0 && goal.order <= 40 ? GoalResponse.Accept : GoalResponse.Reject),
  onCancel: (_handle) => CancelResponse.Accept,
  execute: (handle) => {
    node.logger.info("Executing goal...");
    const sequence = handle.feedback.sequence;
    sequence.push(0);
    sequence.push(1);
    handle.result.sequence = sequence;
    for (let i = 1; i < handle.goal.order; i++) {
      if (handle.isCancelRequested) {
        handle.canceled();
        node.logger.info("Goal canceled");
        return;
      }
      sequence.push(sequence[i] + sequence[i - 1]);
      handle.publishFeedback();
      sleep(1000);
    }
    handle.succeed();
  },
});
