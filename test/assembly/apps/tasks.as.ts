import { LoggingSeverity, Node, sleep } from "rosehip/assembly";
import { park, wake } from "rosehip/assembly/task/scheduler";
import { Run } from "rosehip_test/srv";

class Box {
  constructor(
    readonly text: string,
    readonly values: i64[],
  ) {}
}

const node = new Node("tasks", "lab");
node.logger.setLevel(LoggingSeverity.Debug);
let calls = 0;

/** Leaves garbage behind and gives one result of it back. */
function work(value: i64): string {
  return `call ${++calls} of ${value}`;
}

/** Suspended below two further calls, with a live object, a float and an i64 in locals. */
function pause(box: Box, ms: i64, factor: f64): f64 {
  const doubled = factor * 2.0;
  sleep(ms);
  return doubled + <f64>box.values[0];
}

node.createService(Run, "work", (request, response) => {
  response.message = work(request.value);
  response.value = request.value + 1;
  response.success = true;
});

node.createService(Run, "wait", (request, response) => {
  const box = new Box("held by " + request.command, [request.value, request.value * 3]);
  node.logger.info(`${request.command} begins`);
  const sum = pause(box, request.value, 0.25);
  node.logger.info(`${request.command} ends`);
  response.message = box.text + " " + box.values[1].toString() + " " + sum.toString();
  response.success = true;
});

/** Sleeps at the bottom of `depth` calls. */
function descend(depth: i64): i64 {
  if (depth == 0) {
    sleep(5);
    return 0;
  }
  return descend(depth - 1) + depth;
}

node.createService(Run, "deep", (request, response) => {
  response.value = descend(request.value);
  response.success = true;
});

const channel = changetype<usize>(node);

// "park": suspends until value ms of the board's clock, or until it is woken; value 1 if it was.
node.createService(Run, "park", (request, response) => {
  response.value = park(request.value * 1_000_000, channel) ? 1 : 0;
  response.success = true;
});

node.createService(Run, "wake", (_request, response) => {
  response.success = wake(channel);
});

// "service": one service comes and goes; "node": a node with two does.
node.createService(Run, "destroy", (request, response) => {
  const other = new Node("other");
  const one = other.createService(Run, "one", (_request, inner) => {
    inner.success = true;
  });
  other.createService(Run, "two", (_request, inner) => {
    inner.success = true;
  });
  sleep(10);
  if (request.command == "service") one.destroy();
  else other.destroy();
  response.success = true;
});

// A suspension inside a callback of the library.
node.createService(Run, "each", (request, response) => {
  const words = request.command.split(" ");
  words.forEach((word) => {
    sleep(10);
    node.logger.info(word);
  });
  response.success = true;
});

node.createService(Run, "log", (request, response) => {
  if (request.value == 1) node.logger.debug("lone \ud800 surrogate");
  else if (request.value == 2) node.logger.fatal("");
  else node.logger.warn(request.command);
  response.success = true;
});

// Top-level code is a task like any other.
sleep(50);
node.createService(Run, "late", (_request, response) => {
  response.success = true;
});
