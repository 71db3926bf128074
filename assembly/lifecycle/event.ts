import { CdrReader, CdrWriter } from "../cdr";
import { Message } from "../interface";
import { writeState } from "./services";
import { goalOf, startOf } from "./states";

/** DDS type name of TransitionEvent. */
// @ts-expect-error: decorator
@lazy
export const EVENT_TYPE = "lifecycle_msgs::msg::dds_::TransitionEvent_";

// @ts-expect-error: decorator; RIHS01 of lifecycle_msgs/msg/TransitionEvent
@lazy
export const EVENT_HASH: usize = memory.data<u8>([
  0xd5, 0xf8, 0x87, 0x3a, 0x2f, 0x01, 0x46, 0x49, 0x8f, 0x81, 0x2d, 0x78, 0x85, 0xc7, 0x32, 0x7c, 0xe2, 0x7e, 0x46, 0x3d, 0x36, 0x81, 0x1d, 0x87, 0x92, 0xf3, 0x5e, 0xe3, 0x8c, 0x0d, 0x6c, 0x38,
]);

/** lifecycle_msgs/msg/TransitionEvent. Like rcl_lifecycle, it leaves the time and the transition empty. */
export class TransitionEvent extends Message {
  constructor(private readonly index: i32) {
    super();
  }

  serialize(writer: CdrWriter): void {
    writer.u64(0);
    writer.u8(0);
    writer.string("");
    writeState(writer, startOf(this.index));
    writeState(writer, goalOf(this.index));
  }

  deserialize(_reader: CdrReader): void {}
}
