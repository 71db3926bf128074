// One of each thing that a node can have, with QoS of every kind; graph_twin.py has the same in rclpy.

import { Fibonacci } from "example_interfaces/action";
import { AddTwoInts } from "example_interfaces/srv";
import { Durability, History, Liveliness, Node, QoS, Reliability } from "rosehip/assembly";
import { String_Type } from "std_msgs/msg";

const SECOND: u64 = 1_000_000_000;

const node = new Node("everything");

node.createService(AddTwoInts, "add", (_request, _response) => {});
node.createClient(AddTwoInts, "sum");
node.createActionServer(Fibonacci, "count", { execute: (handle) => handle.succeed() });
node.createActionClient(Fibonacci, "count_elsewhere");

node.createPublisher(String_Type, "plain");
node.createPublisher(String_Type, "latched", QoS.transientLocal(5));
node.createPublisher(String_Type, "all", QoS.keepAll);

const strict = new QoS(7);
strict.deadline = SECOND;
strict.lifespan = 2 * SECOND;
strict.liveliness = <u8>Liveliness.ManualByTopic;
strict.livelinessLease = 3 * SECOND;
node.createPublisher(String_Type, "strict", strict);

const leased = new QoS(1);
leased.reliability = <u8>Reliability.BestEffort;
leased.livelinessLease = SECOND / 2;
node.createPublisher(String_Type, "leased", leased);

node.createSubscription(String_Type, "sensor", (_message) => {}, QoS.sensorData);
const asking = new QoS(3);
asking.durability = <u8>Durability.TransientLocal;
asking.history = <u8>History.KeepLast;
asking.deadline = SECOND;
asking.liveliness = <u8>Liveliness.ManualByTopic;
asking.livelinessLease = 3 * SECOND;
node.createSubscription(String_Type, "asking", (_message) => {}, asking);
