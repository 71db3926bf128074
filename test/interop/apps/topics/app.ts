// Topics in both directions, with each QoS that matters, against nodes/topics_peer.py; in 16 KiB.

import { Liveliness, Node, QoS, sleep } from "rosehip/assembly";
import { String_Type } from "std_msgs/msg";
import { Trigger } from "std_srvs/srv";

const node = new Node("topics");

// Said once, before anybody listens.
const latched = node.createPublisher(String_Type, "latched", QoS.transientLocal(1));
const message = String_Type.create();
message.data = "ready since the beginning";
latched.publish(message);

// 100 texts of up to 1.4 KB come at once. Publishing waits while the link is busy, and the texts wait in the firmware.
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

// A burst while its callback sleeps.
node.createSubscription(
  String_Type,
  "slow",
  (said) => {
    node.logger.info(`slow: ${said.data.substring(0, 2)}`);
    sleep(500);
  },
  new QoS(5),
);

node.createService(Trigger, "ping", (_request, response) => {
  response.success = true;
});

// Good for 300 ms, and said once, before anybody listens.
const shortLived = QoS.transientLocal(5);
shortLived.lifespan = 300_000_000;
node.createPublisher(String_Type, "fleeting", shortLived).publish(message);

// Ten messages 100 ms apart, then two seconds of silence: longer than it promises.
const prompt = new QoS(5);
prompt.deadline = 500_000_000;
prompt.liveliness = <u8>Liveliness.ManualByTopic;
prompt.livelinessLease = 500_000_000;
const pulse = node.createPublisher(String_Type, "pulse", prompt);
let beat = 0;
node.createTimer(100, () => {
  if (beat++ % 30 < 10) pulse.publish(message);
});

// Says nothing, and is alive all the same: the agent asserts it.
const silent = new QoS(1);
silent.livelinessLease = 500_000_000;
node.createPublisher(String_Type, "silent", silent);

const steady = node.createPublisher(String_Type, "steady", QoS.sensorData);
let count = 0;
node.createTimer(20, () => {
  message.data = `${count++}`;
  steady.publish(message);
});
