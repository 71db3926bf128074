import { Logger, LoggingSeverity, Node, Once, SkipFirst, Throttle } from "rosehip/assembly";
import { Run } from "rosehip_test/srv";

const node = new Node("loud", "lab");
node.enableLoggerService();
const loggers: Logger[] = [node.logger, node.logger.getChild("child")];
const once = new Once();
const skipFirst = new SkipFirst();
const throttle = new Throttle(1000);

node.createService(Run, "run", (request, response) => {
  const value = request.value.toString();
  if (request.command == "level") {
    response.value = <i64>(<i32>node.logger.effectiveLevel);
  } else if (request.command == "set") {
    node.logger.setLevel(<LoggingSeverity>(<i32>request.value));
  } else if (request.command == "filters") {
    if (once.shouldLog()) node.logger.info("once " + value);
    if (skipFirst.shouldLog()) node.logger.info("skip " + value);
    if (throttle.shouldLog()) node.logger.info("throttle " + value);
  } else {
    for (let i = 0; i < 2; i++) loggers[i].debug("d");
    for (let i = 0; i < 2; i++) loggers[i].info("i");
    for (let i = 0; i < 2; i++) loggers[i].warn("w");
    for (let i = 0; i < 2; i++) loggers[i].error("e");
    for (let i = 0; i < 2; i++) loggers[i].fatal("f");
  }
  response.success = true;
});
