// The example without its log line, so that nothing but the call is on the wire.
import { AddTwoInts } from "example_interfaces/srv";
import { Node } from "rosehip/assembly";

const node = new Node("bench_service");

node.createService(AddTwoInts, "add_two_ints", (request, response) => {
  response.sum = request.a + request.b;
});
