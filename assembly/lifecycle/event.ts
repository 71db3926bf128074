import { CdrReader, CdrWriter } from "../cdr";
import { Message } from "../interface";
import { writeState } from "./services";
import { goalOf, startOf } from "./states";

/** DDS type name of TransitionEvent. */
export function eventType(): string {
  return "lifecycle_msgs::msg::dds_::TransitionEvent_";
}

/** RIHS01 of lifecycle_msgs/msg/TransitionEvent. Static data; a function, so that only apps that use it have it. */
export function eventHash(): usize {
  return memory.data<u8>([
    0xd5, 0xf8, 0x87, 0x3a, 0x2f, 0x01, 0x46, 0x49, 0x8f, 0x81, 0x2d, 0x78, 0x85, 0xc7, 0x32, 0x7c, 0xe2,
    0x7e, 0x46, 0x3d, 0x36, 0x81, 0x1d, 0x87, 0x92, 0xf3, 0x5e, 0xe3, 0x8c, 0x0d, 0x6c, 0x38,
  ]);
}

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
