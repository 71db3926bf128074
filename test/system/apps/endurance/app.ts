// Allocates in each call: request, response, an array that grows. In 16 KiB it lasts only if all comes back.
import { AddTwoInts } from "example_interfaces/srv";
import { Node, sleep } from "rosehip/assembly";
import { collectBeforeNextSlice } from "rosehip/assembly/rt/collector";
import { freeMemory } from "rosehip/assembly/rt/heap";
import { Trigger } from "std_srvs/srv";

const node = new Node("endurance");
let calls: i64 = 0;

node.createService(AddTwoInts, "add_two_ints", (request, response) => {
  const terms: i64[] = [];
  for (let i = 0; i < 20; i++) terms.push(i == 0 ? request.a : i == 1 ? request.b : 0);
  let sum: i64 = 0;
  for (let i = 0; i < terms.length; i++) sum += terms[i];
  response.sum = sum;
  calls++;
});

// The octets that are free when all garbage has been collected, and the number of calls so far.
node.createService(Trigger, "measure", (_request, response) => {
  collectBeforeNextSlice();
  sleep(1);
  response.message = `${freeMemory()} ${calls}`;
  response.success = true;
});
