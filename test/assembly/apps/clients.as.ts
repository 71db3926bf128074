import { Fibonacci, Fibonacci_Feedback, Fibonacci_Goal, Fibonacci_Result } from "example_interfaces/action";
import { CancelGoalResponse, ClientGoalHandle, createTask, Node } from "rosehip/assembly";
import { collectBeforeNextSlice } from "rosehip/assembly/rt/collector";
import { freeMemory } from "rosehip/assembly/rt/heap";
import { Run, Run_Request, Run_Response } from "rosehip_test/srv";

type ClientGoal = ClientGoalHandle<Fibonacci_Goal, Fibonacci_Result, Fibonacci_Feedback>;

const node = new Node("clients");
const client = node.createClient(Run, "remote");

function requestOf(command: string, value: i64): Run_Request {
  const request = new Run_Request();
  request.command = command;
  request.value = value;
  return request;
}

// "call": passes the command on, waiting for value ms at most; the remote answer, or the client's error.
node.createService(Run, "call", (request, response) => {
  const reply = client.call(requestOf(request.command, request.value), request.value);
  response.success = reply !== null;
  response.message = reply === null ? client.error : reply.message;
});

node.createService(Run, "wait", (request, response) => {
  response.success = client.waitForService(request.value);
  response.value = client.isReady ? 1 : 0;
});

function answered(reply: Run_Response | null): void {
  node.logger.info(reply === null ? client.error : `answered ${reply.message}`);
}

// "async": one call for each word, all at once, from one request object.
node.createService(Run, "async", (request, response) => {
  const words = request.command.split(" ");
  const one = new Run_Request();
  for (let i = 0; i < words.length; i++) {
    one.command = words[i];
    client.callAsync(one, answered, request.value);
  }
  one.command = "changed";
  response.success = true;
});

const actions = node.createActionClient(Fibonacci, "fibonacci");
const plain = node.createActionClient(Fibonacci, "plain");

function onFeedback(feedback: Fibonacci_Feedback, _goal: ClientGoal): void {
  node.logger.info(`feedback ${feedback.sequence.join(" ")}`);
}

let order = 0;

/** A whole goal in a straight line. */
function runGoal(): void {
  const goal = new Fibonacci_Goal();
  goal.order = order;
  const handle = actions.sendGoal(goal, onFeedback, 1000);
  if (handle === null) {
    node.logger.error(actions.error);
    return;
  }
  if (!handle.accepted) {
    node.logger.info("rejected");
    return;
  }
  const result = handle.getResult(5000);
  if (result === null) node.logger.error(actions.error);
  else node.logger.info(`status ${<i32>handle.status} result ${result.sequence.join(" ")}`);
}

// "goal": value is the order; returns at once.
node.createService(Run, "goal", (request, response) => {
  order = <i32>request.value;
  createTask(runGoal);
  response.success = true;
});

node.createService(Run, "wait_for_server", (request, response) => {
  response.success = actions.waitForServer(request.value);
});

function describe(answer: CancelGoalResponse | null): string {
  return answer === null ? actions.error : `${<i32>answer.returnCode}: ${answer.goalsCanceling.length}`;
}

// "all", "before" (a stamp), "plain" (a server that refuses): the answer's code and how many goals.
node.createService(Run, "cancel", (request, response) => {
  const command = request.command;
  if (command == "all") response.message = describe(actions.cancelAll(1000));
  else if (command == "before") response.message = describe(actions.cancelBefore(request.value, 1000));
  else response.message = describe(plain.cancelAll(1000));
});

// Sends a goal, cancels it, and waits for the result: the goal's status.
node.createService(Run, "cancel_one", (_request, response) => {
  const goal = new Fibonacci_Goal();
  goal.order = 30;
  const handle = actions.sendGoal(goal);
  if (handle === null) return;
  response.message = describe(handle.cancel(1000));
  const result = handle.getResult(1000);
  response.success = result !== null;
  response.value = <i64>handle.status;
});

node.createService(Run, "free", (_request, response) => {
  response.value = freeMemory();
  collectBeforeNextSlice();
});
