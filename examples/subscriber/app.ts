import { Node } from "rosehip/assembly";
import { String_Type } from "std_msgs/msg";

const node = new Node("minimal_subscriber");

node.createSubscription(String_Type, "topic", (message) => {
  node.logger.info(`I heard: "${message.data}"`);
});
