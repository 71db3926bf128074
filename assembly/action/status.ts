import { GoalStatusArray_Type } from "action_msgs/msg";
import { CdrReader, CdrWriter } from "../cdr";
import { publish } from "../env";
import { Message } from "../interface";
import { Node } from "../node/node";
import { allocate, RAW, resize, sizeOf } from "../rt/heap";
import { QoS } from "../topic/qos";
import { Writer } from "../topic/writer";
import { Goal } from "./goal";
import { ActionServerBase } from "./server-base";

/** Most octets that one goal takes in action_msgs/GoalStatusArray, padding included. */
export const STATUS_OCTETS: usize = 28;

/** Of the sequence. */
const LENGTH_OCTETS: usize = 4;

export function countGoals(first: Goal | null): usize {
  let count: usize = 0;
  let goal = first;
  while (goal !== null) {
    count++;
    goal = goal.following;
  }
  return count;
}

/** action_msgs/GoalStatusArray of all goals of a server, as they are when it is encoded. */
export class StatusArray extends Message {
  constructor(private readonly server: ActionServerBase) {
    super();
  }

  serialize(writer: CdrWriter): void {
    let goal = this.server.first;
    writer.u32(<u32>countGoals(goal));
    while (goal !== null) {
      goal.info.serialize(writer);
      writer.i8(<i8>goal.status);
      goal = goal.following;
    }
  }

  deserialize(_reader: CdrReader): void {}
}

/**
 * <action>/_action/status. Its messages are encoded in a place of their own: one that was found free when a goal was
 * accepted, so that the states can be told however short memory has become since.
 */
export class StatusWriter extends Writer {
  private place: usize = 0;

  constructor(node: Node, action: string) {
    const type = GoalStatusArray_Type;
    super(node, action + "/_action/status", type.name, type.hash, QoS.transientLocal(1));
    this.reserve(null);
  }

  /** Keeps a place for the states of these goals. */
  reserve(first: Goal | null): void {
    const octets = LENGTH_OCTETS + countGoals(first) * STATUS_OCTETS;
    this.place = this.place ? resize(this.place, octets) : allocate(octets, RAW);
  }

  protected attempt(message: Message): i32 {
    const writer = new CdrWriter(this.place, <u32>sizeOf(this.place));
    message.serialize(writer);
    return publish(this.handle, this.place, <u32>writer.length);
  }
}
