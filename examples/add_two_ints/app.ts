import { AddTwoInts } from "example_interfaces/srv";
import { Node } from "rosehip/assembly";

const node = new Node("minimal_service");

node.createService(AddTwoInts, "add_two_ints", (request, response) => {
  response.sum = request.a + request.b;
  node.logger.info(`Incoming request: a=${request.a}, b=${request.b}`);
});
