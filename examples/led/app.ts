import { DigitalOutput, Node } from "rosehip/assembly";
import { SetBool } from "std_srvs/srv";

const node = new Node("led");
const led = new DigitalOutput(2);

node.createService(SetBool, "~/set", (request, response) => {
  led.value = request.data;
  response.success = true;
  response.message = request.data ? "on" : "off";
  node.logger.info(`LED ${response.message}`);
});
