// Topics in both directions, with each QoS that matters, against nodes/topics_peer.py.

import { Node, QoS } from "rosehip/assembly";
import { String_Type } from "std_msgs/msg";

const node = new Node("topics");

// Said once, before anybody listens.
const latched = node.createPublisher(String_Type, "latched", QoS.transientLocal(1));
const message = String_Type.create();
message.data = "ready since the beginning";
latched.publish(message);

// Room for 100 texts of up to 1.4 KB that come at once: see the memory in rosehip.config.json.
const echo = node.createPublisher(String_Type, "echo", new QoS(200));
node.createSubscription(
  String_Type,
  "say",
  (said) => {
    echo.publish(said);
  },
  new QoS(200),
);

// What was published before this node came.
node.createSubscription(
  String_Type,
  "history",
  (said) => node.logger.info(`history: ${said.data}`),
  QoS.transientLocal(3),
);

// Best effort takes what a reliable publisher sends.
node.createSubscription(
  String_Type,
  "sensor",
  (said) => node.logger.info(`sensor: ${said.data}`),
  QoS.sensorData,
);

// Never matches a best-effort publisher.
node.createSubscription(String_Type, "unreliable", (_said) => {});

const steady = node.createPublisher(String_Type, "steady", QoS.sensorData);
let count = 0;
node.createTimer(20, () => {
  message.data = `${count++}`;
  steady.publish(message);
});
