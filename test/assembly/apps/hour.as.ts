import { Fibonacci } from "example_interfaces/action";
import { AddTwoInts } from "example_interfaces/srv";
import { CancelResponse, GoalPolicy, GoalResponse, Node, sleep } from "rosehip/assembly";
import { collectBeforeNextSlice } from "rosehip/assembly/rt/collector";
import { freeMemory } from "rosehip/assembly/rt/heap";
import { Run } from "rosehip_test/srv";
import { String_Type } from "std_msgs/msg";

// A bit of everything that makes garbage, for a day in the life of a board.
const node = new Node("hour");
const publisher = node.createPublisher(String_Type, "ticks");
const message = String_Type.create();
let ticks = 0;
let heard = 0;

node.createTimer(100, () => {
  message.data = `tick ${++ticks}`;
  publisher.publish(message);
});

node.createSubscription(String_Type, "orders", (order) => {
  heard += order.data.length;
});

node.createService(AddTwoInts, "add_two_ints", (request, response) => {
  response.sum = request.a + request.b;
});

node.createActionServer(Fibonacci, "fibonacci", {
  policy: GoalPolicy.Parallel,
  onGoal: (goal) => (goal.order <= 40 ? GoalResponse.Accept : GoalResponse.Reject),
  onCancel: (_handle) => CancelResponse.Accept,
  execute: (handle) => {
    const sequence = handle.feedback.sequence;
    sequence.push(0);
    sequence.push(1);
    handle.result.sequence = sequence;
    for (let i = 1; i < handle.goal.order; i++) {
      if (handle.isCancelRequested) {
        handle.canceled();
        return;
      }
      sequence.push(sequence[i] + sequence[i - 1]);
      handle.publishFeedback();
      sleep(1000);
    }
    handle.succeed();
  },
});

// The octets that are free when all garbage has been collected; the count of ticks as text.
node.createService(Run, "free", (_request, response) => {
  collectBeforeNextSlice();
  sleep(1);
  response.value = <i64>freeMemory();
  response.message = ticks.toString() + " " + heard.toString();
  response.success = true;
});
