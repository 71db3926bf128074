// Answers `a` milliseconds after it was asked.
import { AddTwoInts } from "example_interfaces/srv";
import { Node, sleep } from "rosehip/assembly";

const node = new Node("late");

node.createService(AddTwoInts, "add_two_ints", (request, response) => {
  if (request.a > 0) sleep(<i32>request.a);
  response.sum = request.a + request.b;
});
