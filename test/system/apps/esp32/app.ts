// Counts its starts in NVS, drives a pin, and adds.
import { AddTwoInts } from "example_interfaces/srv";
import { DigitalOutput, Node, storage } from "rosehip/assembly";

const node = new Node("chip");
const led = new DigitalOutput(2);
const starts = storage.get<u32>("starts", 0) + 1;
const error = storage.set<u32>("starts", starts);
node.logger.info(error === null ? `start ${starts}` : error!);

node.createService(AddTwoInts, "add_two_ints", (request, response) => {
  led.value = !led.value;
  response.sum = request.a + request.b;
});
