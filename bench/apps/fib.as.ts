// Recursion and nothing else: what a call costs.
import { Node } from "rosehip/assembly";

function fib(n: i32): i32 {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

const logger = new Node("fib").logger;
logger.info("begin");
const result = fib(20);
logger.info("end");
logger.info(`result ${result}`);
