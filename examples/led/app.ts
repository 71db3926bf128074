import { Node } from "rosehip/assembly";
import { SetBool } from "std_srvs/srv";

const node = new Node("led");

node.createService(SetBool, "~/set", (request, response) => {
  response.success = true;
  response.message = request.data ? "on" : "off";
  node.logger.info(`LED ${response.message}`);
});
