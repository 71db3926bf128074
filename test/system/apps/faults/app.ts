// Everything an app can do wrong, one service each, beside one that works.

import { AddTwoInts } from "example_interfaces/srv";
import { Node, sleep } from "rosehip/assembly";
import { Trigger } from "std_srvs/srv";

const node = new Node("faults");
let calls = 0;
const kept: ArrayBuffer[] = [];

node.createService(AddTwoInts, "add_two_ints", (request, response) => {
  response.sum = request.a + request.b;
});

node.createService(Trigger, "trap", (request, response) => {
  const empty: i32[] = [];
  response.success = empty[calls + 1] > 0;
});

node.createService(Trigger, "loop_for_ever", (request, response) => {
  while (true) calls++;
});

node.createService(Trigger, "eat_memory", (request, response) => {
  while (true) kept.push(new ArrayBuffer(1024));
});

node.createService(Trigger, "recurse", (request, response) => {
  response.success = deeper(1) > 0;
});

function deeper(depth: i32): i32 {
  return depth < 0 ? 0 : deeper(depth + 1) + deeper(depth + 2); // no compiler can make a loop of both
}

node.createService(Trigger, "slow", (request, response) => {
  sleep(300);
  response.success = true;
  response.message = "slept";
});
