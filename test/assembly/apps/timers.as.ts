import { createTask, Node, sleep, Timer } from "rosehip/assembly";
import { Run } from "rosehip_test/srv";

const node = new Node("timers");

let busyFor: i64 = 0;

const timer: Timer = node.createTimer(100, () => {
  node.logger.info("tick");
  sleep(busyFor);
});

// The command, with value where it needs one.
node.createService(Run, "timer", (request, response) => {
  const command = request.command;
  if (command == "cancel") timer.cancel();
  if (command == "reset") timer.reset();
  if (command == "busy") busyFor = request.value;
  if (command == "period") timer.periodNs = request.value;
  response.success = timer.isCanceled;
  response.value = timer.timeUntilNextCall;
});

node.createService(Run, "now", (_request, response) => {
  response.value = node.now();
});

node.createService(Run, "task", (_request, response) => {
  createTask(() => {
    sleep(30);
    node.logger.info("task ends");
  });
  node.logger.info("task made");
  response.success = true;
});
