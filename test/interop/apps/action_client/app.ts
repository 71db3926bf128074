// Everything an action client can do, one after the other, against nodes/action_server.py. Each scenario logs one line
// "name: what was seen"; actions-client.test.ts knows what is to be seen.

import { Fibonacci, Fibonacci_Feedback, Fibonacci_Goal, Fibonacci_Result } from "example_interfaces/action";
import {
  ActionClient,
  CancelGoalResponse,
  ClientGoalHandle,
  createTask,
  GoalStatus,
  Node,
  sleep,
} from "rosehip/assembly";

type Client = ActionClient<Fibonacci_Goal, Fibonacci_Result, Fibonacci_Feedback>;
type Handle = ClientGoalHandle<Fibonacci_Goal, Fibonacci_Result, Fibonacci_Feedback>;

const PATIENCE_MS = 10000;

const node = new Node("action_client");
const parallel = node.createActionClient(Fibonacci, "parallel");
const brief = node.createActionClient(Fibonacci, "brief");
const slow = node.createActionClient(Fibonacci, "slow_to_answer");

/** Lengths of the sequences in the feedback of the scenario that runs. */
let feedback: i32[] = [];
let others = 0;

function tell(scenario: string, seen: string): void {
  node.logger.info(`${scenario}: ${seen}`);
}

function send(client: Client, order: i32, timeoutMs: i64 = PATIENCE_MS): Handle | null {
  const goal = new Fibonacci_Goal();
  goal.order = order;
  feedback = [];
  return client.sendGoal(goal, (message, _goal) => feedback.push(message.sequence.length), timeoutMs);
}

/** A goal that is known to be accepted. */
function begin(client: Client, order: i32): Handle {
  const handle = send(client, order);
  if (handle === null) throw new Error(client.error);
  assert(handle.accepted);
  return handle;
}

function waitForFeedback(count: i32): void {
  while (feedback.length < count) sleep(5);
}

function end(client: Client, handle: Handle): string {
  const result = handle.getResult(PATIENCE_MS);
  return result === null ? client.error : `${statusName(handle.status)} [${result.sequence.join(" ")}]`;
}

function statusName(status: GoalStatus): string {
  if (status == GoalStatus.Succeeded) return "succeeded";
  if (status == GoalStatus.Canceled) return "canceled";
  if (status == GoalStatus.Aborted) return "aborted";
  return status == GoalStatus.Unknown ? "unknown" : status.toString();
}

function answer(response: CancelGoalResponse | null): string {
  if (response === null) return "no answer";
  return `code ${response.returnCode}, ${response.goalsCanceling.length} canceling`;
}

function noServer(): void {
  tell("no server", parallel.waitForServer(200) ? "there" : "not there");
  const handle = send(parallel, 3, 200);
  tell("goal to no server", handle === null ? parallel.error : "answered");
}

function goal(): void {
  const handle = begin(parallel, 6);
  tell("goal", end(parallel, handle));
  tell("feedback", feedback.join(" "));
  tell("result again", end(parallel, handle));
}

function reject(): void {
  const handle = send(parallel, -1);
  tell("reject", handle === null ? parallel.error : handle.accepted ? "accepted" : "rejected");
}

function abort(): void {
  tell("abort", end(parallel, begin(parallel, 13)));
}

function cancel(): void {
  const handle = begin(parallel, 60);
  waitForFeedback(2);
  tell("cancel", answer(handle.cancel(PATIENCE_MS)));
  const result = handle.getResult(PATIENCE_MS);
  tell("canceled", result !== null && result.sequence.length >= 4 ? statusName(handle.status) : "no result");
  tell("cancel ended", answer(handle.cancel(PATIENCE_MS)));
}

function cancelRefused(): void {
  const handle = begin(brief, 77);
  tell("cancel refused", answer(handle.cancel(PATIENCE_MS)));
  tell("result in time", handle.getResult(100) === null ? brief.error : "there");
}

function cancelSeveral(): void {
  const first = begin(parallel, 60);
  const second = begin(parallel, 61);
  waitForFeedback(1);
  const third = begin(parallel, 62);
  // The stamps that rclpy answers with are a little older than those it compares with.
  tell("cancel before", answer(parallel.cancelBefore(third.stamp - 1, PATIENCE_MS)));
  first.getResult(PATIENCE_MS);
  second.getResult(PATIENCE_MS);
  waitForFeedback(3);
  tell("before", `${statusName(first.status)} ${statusName(second.status)}`);
  tell("cancel all", answer(parallel.cancelAll(PATIENCE_MS)));
  third.getResult(PATIENCE_MS);
  tell("all", statusName(third.status));
}

/** Goals of several tasks at once; each waits for its own result. */
function several(): void {
  for (let i = 0; i < 4; i++) {
    createTask(() => {
      const goal = new Fibonacci_Goal();
      goal.order = 8;
      const handle = parallel.sendGoal(goal, null, PATIENCE_MS);
      if (handle !== null && end(parallel, handle) == "succeeded [0 1 1 2 3 5 8 13 21]") others++;
    });
  }
  const mine = end(parallel, begin(parallel, 5));
  for (let i = 0; i < 2000 && others < 4; i++) sleep(5);
  tell("several", `${mine} and ${others} others`);
}

function expiry(): void {
  const handle = begin(brief, 2);
  tell("before expiry", end(brief, handle));
  let seen = "";
  for (let i = 0; i < 100 && seen != "unknown []"; i++) {
    sleep(100);
    seen = end(brief, handle);
  }
  tell("after expiry", seen);
}

function slowAnswer(): void {
  slow.waitForServer(PATIENCE_MS);
  const handle = send(slow, 3, 200);
  tell("slow answer", handle === null ? slow.error : "answered");
}

noServer();
while (!parallel.waitForServer(500)) tell("waiting", "for the server");
brief.waitForServer(PATIENCE_MS);
goal();
reject();
abort();
cancel();
cancelRefused();
cancelSeveral();
several();
expiry();
slowAnswer();
tell("end", "of the scenarios");
