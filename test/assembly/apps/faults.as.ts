import { Node, ServiceType, sleep } from "rosehip/assembly";
import { Run, Run_Request, Run_Response } from "rosehip_test/srv";

const node = new Node("faults");
const kept: string[] = [];

function recurse(depth: i32): i32 {
  return depth == -1 ? 0 : recurse(depth + 1) * 3 + kept.length;
}

function hoard(): void {
  for (;;) kept.push("kept for ever " + kept.length.toString());
}

node.createService(Run, "fail", (request, response) => {
  response.message = "never seen";
  const command = request.command;
  if (command.startsWith("later ")) sleep(100);
  if (command.endsWith("throw")) throw new Error("the arm is stuck — ☹");
  if (command.endsWith("bounds")) response.message = kept[kept.length + 7];
  if (command.endsWith("loop")) while (request.value >= 0) request.value = request.value & 0xff;
  if (command.endsWith("memory")) hoard();
  if (command.endsWith("unreachable")) unreachable();
  if (command.endsWith("recursion")) response.value = recurse(0);
  if (command.endsWith("division")) response.value = 1 / request.value;
  response.success = true;
});

node.createService(Run, "large", (request, response) => {
  response.message = "x".repeat(<i32>request.value);
  response.success = true;
});

class Unanswerable extends Run_Response {
  fault(_reason: string): void {
    unreachable();
  }
}

/** Even its fault reply fails. */
node.createService(
  new ServiceType<Run_Request, Unanswerable>(Run.requestName, Run.responseName, 0),
  "unanswerable",
  (_request, _response) => {
    unreachable();
  },
);

node.createService(Run, "wait", (request, response) => {
  sleep(request.value);
  response.success = true;
});

// After a restart this service is there later than the requests for it.
sleep(20);
node.createService(Run, "late", (_request, response) => {
  sleep(50);
  response.success = true;
});
