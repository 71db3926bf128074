import { Fibonacci } from "example_interfaces/action";
import { CancelResponse, GoalResponse, Node, sleep } from "rosehip/assembly";
import { collectBeforeNextSlice } from "rosehip/assembly/rt/collector";
import { freeMemory } from "rosehip/assembly/rt/heap";
import { Run } from "rosehip_test/srv";

const node = new Node("minimal_action_server");

node.createActionServer(Fibonacci, "fibonacci", {
  onGoal: (goal) => (goal.order <= 40 ? GoalResponse.Accept : GoalResponse.Reject),
  onCancel: (_handle) => CancelResponse.Accept,
  execute: (handle) => {
    const feedback = handle.feedback;
    feedback.sequence = [0, 1];
    for (let i = 1; i < handle.goal.order; i++) {
      if (handle.isCancelRequested) {
        handle.canceled();
        return;
      }
      feedback.sequence.push(feedback.sequence[i] + feedback.sequence[i - 1]);
      handle.publishFeedback();
      sleep(100);
    }
    handle.result.sequence = feedback.sequence;
    handle.succeed();
  },
});

// Octets that are free; asked a second time, when everything unused has been collected.
node.createService(Run, "free", (_request, response) => {
  response.value = freeMemory();
  collectBeforeNextSlice();
});
