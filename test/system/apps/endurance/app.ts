// Allocates in each call: request, response, an array that grows, strings. In 16 KiB it lasts only if all comes back.
import { AddTwoInts } from "example_interfaces/srv";
import { Node } from "rosehip/assembly";

const node = new Node("endurance");
let calls: i64 = 0;

node.createService(AddTwoInts, "add_two_ints", (request, response) => {
  const terms: i64[] = [];
  for (let i = 0; i < 20; i++) terms.push(i == 0 ? request.a : i == 1 ? request.b : 0);
  let sum: i64 = 0;
  for (let i = 0; i < terms.length; i++) sum += terms[i];
  response.sum = sum;
  calls++;
  if (calls % 10000 == 0) node.logger.info(`${calls} calls`);
});
