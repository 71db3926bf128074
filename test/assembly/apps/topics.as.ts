import { Node, QoS, sleep } from "rosehip/assembly";
import { Run } from "rosehip_test/srv";
import { Header_Type, String_Type, String as Text } from "std_msgs/msg";

const node = new Node("topics", "lab");

const chatter = node.createPublisher(String_Type, "chatter");
const latched = node.createPublisher(String_Type, "~/latched", QoS.transientLocal(2));
const sensor = node.createPublisher(String_Type, "/sensor", QoS.sensorData);
const strict = new QoS(7);
strict.deadline = 1_000_000_000;
strict.lifespan = 2_000_000_000;
strict.livelinessLease = 3_000_000_000;
node.createPublisher(String_Type, "strict", strict);
node.createPublisher(String_Type, "all", QoS.keepAll);

// Publishes the command on the topic number value; value of the response: how many subscriptions there are.
node.createService(Run, "publish", (request, response) => {
  const message = new Text();
  message.data = request.command;
  const publisher = request.value == 0 ? chatter : request.value == 1 ? latched : sensor;
  response.success = publisher.publish(message);
  response.value = publisher.subscriptionCount;
  response.message = publisher.error;
  message.data = "changed";
});

node.createSubscription(String_Type, "chatter", (message) => {
  node.logger.info(`heard ${message.data}`);
});

const slow = node.createSubscription(
  String_Type,
  "slow",
  (message) => {
    node.logger.info(`begins ${message.data}`);
    sleep(100);
    node.logger.info(`ends ${message.data}`);
  },
  new QoS(3),
);

// Holds as many octets as the message says, for two seconds.
node.createSubscription(String_Type, "hog", (message) => {
  const octets = new Uint8Array(i32.parse(message.data));
  node.logger.info(`hogs ${octets.length}`);
  sleep(2000);
  node.logger.info(`frees ${octets.length}`);
});

node.createSubscription(Header_Type, "header", (header) => {
  node.logger.info(`${header.frame_id} ${header.stamp.sec}.${header.stamp.nanosec}`);
});

node.createService(Run, "destroy", (_request, response) => {
  response.value = slow.publisherCount;
  slow.destroy();
  latched.destroy();
  response.success = true;
});
