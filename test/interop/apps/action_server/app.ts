// The servers of nodes/action_server.py, which behave in the same way, and one for each other policy.
// A goal counts up to `order`, modulo 10,000, with 50 ms between two numbers. Orders below 0 are rejected; 13 is aborted
// after its third feedback; 77 does not let itself be canceled.

import { Fibonacci, Fibonacci_Feedback, Fibonacci_Goal, Fibonacci_Result } from "example_interfaces/action";
import { CancelResponse, GoalHandle, GoalPolicy, GoalResponse, Node, sleep } from "rosehip/assembly";

type Handle = GoalHandle<Fibonacci_Goal, Fibonacci_Result, Fibonacci_Feedback>;

const PERIOD_MS = 50;
const ABORTED = 13;
const UNSTOPPABLE = 77;

const node = new Node("action_server");

function decide(goal: Fibonacci_Goal): GoalResponse {
  return goal.order < 0 ? GoalResponse.Reject : GoalResponse.Accept;
}

function onCancel(handle: Handle): CancelResponse {
  return handle.goal.order == UNSTOPPABLE ? CancelResponse.Reject : CancelResponse.Accept;
}

function execute(handle: Handle): void {
  count(handle, PERIOD_MS);
}

function count(handle: Handle, periodMs: i32): void {
  const order = handle.goal.order;
  const sequence = handle.feedback.sequence;
  handle.result.sequence = sequence;
  sequence.push(0);
  sequence.push(1);
  while (sequence.length <= order) {
    if (handle.isCancelRequested) {
      handle.canceled();
      return;
    }
    if (order == ABORTED && sequence.length == 5) {
      handle.abort();
      return;
    }
    const last = sequence.length - 1;
    sequence.push((sequence[last] + sequence[last - 1]) % 10000);
    handle.publishFeedback();
    sleep(periodMs);
  }
  handle.succeed();
}

node.createActionServer(Fibonacci, "parallel", { onGoal: decide, onCancel, execute });
node.createActionServer(Fibonacci, "brief", { onGoal: decide, onCancel, execute, resultTimeout: 1000 });
node.createActionServer(Fibonacci, "queue", { onCancel, execute, policy: GoalPolicy.Queue });
node.createActionServer(Fibonacci, "single", { onCancel, execute, policy: GoalPolicy.Reject });
node.createActionServer(Fibonacci, "preempt", { onCancel, execute, policy: GoalPolicy.Preempt });

// Accepted at once, executed half a second later by somebody else.
node.createActionServer(Fibonacci, "deferred", {
  onGoal: (_goal) => GoalResponse.Defer,
  onAccepted: (handle) => {
    sleep(500);
    handle.execute();
  },
  onCancel,
  execute,
});

// Feedback at 10 Hz.
node.createActionServer(Fibonacci, "steady", { onCancel, execute: (handle) => count(handle, 100) });

// For clients that come and go: their goals end at once.
let served = 0;
node.createActionServer(Fibonacci, "forgetful", {
  resultTimeout: 100,
  execute: (handle) => {
    handle.succeed();
    if (++served % 100 == 0) node.logger.info(`${served} goals served`);
  },
});
