// What the SDK does for each message: into octets and back.
import { PoseStamped } from "geometry_msgs/msg";
import { Node } from "rosehip/assembly";
import { CdrReader, CdrWriter } from "rosehip/assembly/cdr";

const TIMES = 100;
const octets = memory.data(256, 8);
const pose = new PoseStamped();
pose.header.frame_id = "map";
pose.pose.position.x = 1.5;
pose.pose.orientation.w = 1.0;
const copy = new PoseStamped();

const logger = new Node("cdr").logger;
let length = 0;
logger.info("begin");
for (let i = 0; i < TIMES; i++) {
  pose.header.stamp.sec = i;
  const writer = new CdrWriter(octets, 256);
  pose.serialize(writer);
  length += writer.length;
  copy.deserialize(new CdrReader(octets, writer.length));
}
logger.info("end");
logger.info(`result ${length} ${copy.header.stamp.sec} ${copy.header.frame_id}`);
