import { Fibonacci, Fibonacci_Feedback, Fibonacci_Goal, Fibonacci_Result } from "example_interfaces/action";
import { CancelResponse, GoalHandle, GoalPolicy, GoalResponse, Node, sleep } from "rosehip/assembly";
import { collectBeforeNextSlice } from "rosehip/assembly/rt/collector";
import { freeMemory } from "rosehip/assembly/rt/heap";
import { Run } from "rosehip_test/srv";

type Handle = GoalHandle<Fibonacci_Goal, Fibonacci_Result, Fibonacci_Feedback>;

const node = new Node("actions");

/** As the rclpy node of test/vectors/rtps: a feedback every 100 ms, the sequence so far as result when cancelled. */
function fibonacci(handle: Handle): void {
  const sequence = handle.feedback.sequence;
  sequence.push(0);
  sequence.push(1);
  for (let i = 1; i < handle.goal.order; i++) {
    if (handle.isCancelRequested) {
      handle.result.sequence = sequence;
      handle.canceled();
      return;
    }
    sequence.push(sequence[i] + sequence[i - 1]);
    handle.publishFeedback();
    sleep(100);
  }
  handle.result.sequence = sequence;
  handle.succeed();
}

node.createActionServer(Fibonacci, "fibonacci", {
  onGoal: (goal) => (goal.order <= 40 ? GoalResponse.Accept : GoalResponse.Reject),
  onCancel: (_handle) => CancelResponse.Accept,
  execute: fibonacci,
});

// No onGoal, no onCancel: accepts all goals, rejects all cancellations.
node.createActionServer(Fibonacci, "plain", {
  execute: fibonacci,
  resultTimeout: 2000,
});

node.createActionServer(Fibonacci, "queue", {
  onCancel: (_handle) => CancelResponse.Accept,
  execute: fibonacci,
  policy: GoalPolicy.Queue,
});

node.createActionServer(Fibonacci, "reject", {
  execute: fibonacci,
  policy: GoalPolicy.Reject,
});

node.createActionServer(Fibonacci, "preempt", {
  execute: fibonacci,
  policy: GoalPolicy.Preempt,
});

// Goals of order 0 to 9 end in their own ways; resultTimeout: results are forgotten at once.
node.createActionServer(Fibonacci, "endings", {
  onCancel: (handle) => {
    sleep(50);
    return handle.goal.order == 7 ? CancelResponse.Reject : CancelResponse.Accept;
  },
  execute: (handle) => {
    const order = handle.goal.order;
    handle.result.sequence.push(order);
    if (order == 1) handle.abort();
    // 2: returns without a word.
    if (order == 3) handle.canceled();
    if (order == 4) {
      handle.succeed();
      handle.abort();
      handle.publishFeedback();
      sleep(100);
      handle.result.sequence.push(44);
    }
    if (order == 5) {
      sleep(100);
      throw new Error("the gripper is stuck");
    }
    if (order == 6) {
      sleep(100);
      handle.succeed();
    }
    if (order >= 7) {
      sleep(1000);
      if (handle.isCancelRequested) handle.canceled();
      else handle.succeed();
    }
  },
});

const deferred: Handle[] = [];

node.createActionServer(Fibonacci, "deferred", {
  onGoal: (goal) => {
    sleep(10);
    return goal.order == 0 ? GoalResponse.Reject : GoalResponse.Defer;
  },
  onAccepted: (handle) => {
    deferred.push(handle);
  },
  onCancel: (_handle) => CancelResponse.Accept,
  execute: fibonacci,
});

// "execute", "cancel" (to the final state, without executing) and "again" do so to the oldest deferred goal.
node.createService(Run, "deferred_goal", (request, response) => {
  const handle = deferred[0];
  if (request.command == "cancel") response.success = handle.canceled();
  else handle.execute();
  if (request.command == "again") handle.execute();
  deferred.shift();
  response.message = handle.goalId;
});

// Octets that are free; asked a second time, when everything unused has been collected.
node.createService(Run, "free", (_request, response) => {
  response.value = freeMemory();
  collectBeforeNextSlice();
});

node.createService(Run, "trap", (_request, _response) => {
  unreachable();
});
