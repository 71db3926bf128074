/** A process of its own: a service /add_two_ints on our participant, with no device behind it. */
import { type NetworkWriter, SERVICE_QOS } from "../host-agent/src/bridge/network.js";
import { openRtpsNetwork } from "../host-agent/src/rtps/network.js";
import { discoveryFromEnvironment } from "../host-agent/src/rtps/options.js";

const TYPE = "example_interfaces::srv::dds_::AddTwoInts";

const network = await openRtpsNetwork(discoveryFromEnvironment(process.env));
const node = network.createNode("bench_server", "/");
const replies: NetworkWriter = node.createWriter(
  { topic: "rr/add_two_intsReply", type: `${TYPE}_Response_`, qos: SERVICE_QOS },
  {},
);
node.createReader(
  { topic: "rq/add_two_intsRequest", type: `${TYPE}_Request_`, qos: SERVICE_QOS },
  {
    onSample({ payload, littleEndian, writer, related }) {
      const request = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
      const sum = new DataView(new ArrayBuffer(8));
      sum.setBigInt64(0, request.getBigInt64(0, littleEndian) + request.getBigInt64(8, littleEndian), true);
      const guid = related?.guid ?? writer.guid;
      replies.write(new Uint8Array(sum.buffer), { guid, sequenceNumber: writer.sequenceNumber });
      return true;
    },
  },
);
process.stdout.write("ready\n");
process.stdin.on("end", () => process.exit(0)).resume(); // ends with whoever started it
