// Goals whose feedback grows to 200 octets for each unit of their order.
import { Fibonacci, Fibonacci_Feedback, Fibonacci_Goal, Fibonacci_Result } from "example_interfaces/action";
import { GoalHandle, Node, sleep } from "rosehip/assembly";

const node = new Node("growing");

function grow(handle: GoalHandle<Fibonacci_Goal, Fibonacci_Result, Fibonacci_Feedback>): void {
  for (let i = 0; i < handle.goal.order; i++) {
    for (let word = 0; word < 50; word++) handle.feedback.sequence.push(word);
    handle.publishFeedback();
    sleep(100);
  }
  handle.succeed();
}

node.createActionServer(Fibonacci, "told", { execute: grow, goalMemory: 6000 });
node.createActionServer(Fibonacci, "learned", { execute: grow });
