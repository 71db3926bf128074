import { Node } from "rosehip/assembly";
import { String_Type } from "std_msgs/msg";

const node = new Node("minimal_publisher");
const publisher = node.createPublisher(String_Type, "topic");
const message = String_Type.create();
let count = 0;

node.createTimer(500, () => {
  message.data = `Hello World: ${count++}`;
  publisher.publish(message);
  node.logger.info(`Publishing: "${message.data}"`);
});
