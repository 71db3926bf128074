import { AddTwoInts, AddTwoInts_Request } from "example_interfaces/srv";
import { Node } from "rosehip/assembly";

const node = new Node("minimal_client");
const client = node.createClient(AddTwoInts, "add_two_ints");

while (!client.waitForService(1000)) {
  node.logger.info("service not available, waiting again...");
}
add(41, 1);

function add(a: i64, b: i64): void {
  const request = new AddTwoInts_Request();
  request.a = a;
  request.b = b;
  const response = client.call(request, 5000);
  if (response === null) node.logger.error(client.error);
  else node.logger.info(`Result of add_two_ints: for ${a} + ${b} = ${response.sum}`);
}
