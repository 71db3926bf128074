import { IntegerRange, Node } from "rosehip/assembly";

// Values that are kept, and values given by the agent's command line.
const node = new Node("kept");
const level = node.declareParameter("level", 3, { range: new IntegerRange(0, 10), persist: true });
node.declareParameter("names", ["a"], { persist: true });
node.declareParameter("passing", 3);
const fixed = node.declareParameter("fixed", "base", { readOnly: true });
node.logger.info(`level ${level.value<i32>()} fixed ${fixed.value<string>()}`);
node.createTimer(1000, () => {
  if (!node.hasParameter("late")) node.declareParameter("late", 0.5);
});
