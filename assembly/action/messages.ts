import { CdrReader, CdrWriter } from "../cdr";
import { Message } from "../interface";
import { GoalId } from "./goal-id";

// What actions send (https://design.ros2.org/articles/actions.html), written for any action's types at once.

/** action_msgs/GoalStatus */
export enum GoalStatus {
  Unknown = 0,
  Accepted = 1,
  Executing = 2,
  Canceling = 3,
  Succeeded = 4,
  Canceled = 5,
  Aborted = 6,
}

const NS_PER_S: i64 = 1_000_000_000;

/** builtin_interfaces/Time */
function writeTime(writer: CdrWriter, time: i64): void {
  writer.i32(<i32>(time / NS_PER_S));
  writer.u32(<u32>(time % NS_PER_S));
}

function readTime(reader: CdrReader): i64 {
  const seconds = <i64>reader.i32();
  return seconds * NS_PER_S + <i64>reader.u32();
}

/** action_msgs/GoalInfo */
export class GoalInfo {
  constructor(
    readonly id: GoalId = new GoalId(),
    /** ROS time in nanoseconds at which it was accepted. */
    public stamp: i64 = 0,
  ) {}

  serialize(writer: CdrWriter): void {
    this.id.serialize(writer);
    writeTime(writer, this.stamp);
  }

  deserialize(reader: CdrReader): void {
    this.id.deserialize(reader);
    this.stamp = readTime(reader);
  }
}

/** Octets of a GoalInfo on the wire. */
const GOAL_INFO_OCTETS: u32 = 24;

/** <Action>_SendGoal_Request */
export class SendGoalRequest extends Message {
  constructor(
    readonly id: GoalId,
    readonly goal: Message,
  ) {
    super();
  }

  serialize(writer: CdrWriter): void {
    this.id.serialize(writer);
    this.goal.serialize(writer);
  }

  deserialize(reader: CdrReader): void {
    this.id.deserialize(reader);
    this.goal.deserialize(reader);
  }
}

/** <Action>_SendGoal_Response */
export class SendGoalResponse extends Message {
  accepted: bool = false;
  stamp: i64 = 0;

  serialize(writer: CdrWriter): void {
    writer.bool(this.accepted);
    writeTime(writer, this.stamp);
  }

  deserialize(reader: CdrReader): void {
    this.accepted = reader.bool();
    this.stamp = readTime(reader);
  }
}

/** <Action>_GetResult_Request */
export class GetResultRequest extends Message {
  constructor(readonly id: GoalId) {
    super();
  }

  serialize(writer: CdrWriter): void {
    this.id.serialize(writer);
  }

  deserialize(reader: CdrReader): void {
    this.id.deserialize(reader);
  }
}

/** <Action>_GetResult_Response */
export class GetResultResponse extends Message {
  status: GoalStatus = GoalStatus.Unknown;

  constructor(public result: Message) {
    super();
  }

  serialize(writer: CdrWriter): void {
    writer.i8(<i8>this.status);
    this.result.serialize(writer);
  }

  deserialize(reader: CdrReader): void {
    this.status = reader.i8();
    this.result.deserialize(reader);
  }

  fault(reason: string): void {
    this.result.fault(reason);
  }
}

/** <Action>_FeedbackMessage */
export class FeedbackMessage extends Message {
  constructor(
    readonly id: GoalId,
    readonly feedback: Message,
  ) {
    super();
  }

  serialize(writer: CdrWriter): void {
    this.id.serialize(writer);
    this.feedback.serialize(writer);
  }

  deserialize(reader: CdrReader): void {
    this.id.deserialize(reader);
    this.feedback.deserialize(reader);
  }
}

/** action_msgs/CancelGoal_Request: see CancelService for what it asks for. */
export class CancelGoalRequest extends Message {
  constructor(readonly info: GoalInfo) {
    super();
  }

  serialize(writer: CdrWriter): void {
    this.info.serialize(writer);
  }

  deserialize(reader: CdrReader): void {
    this.info.deserialize(reader);
  }
}

/** The return codes of action_msgs/CancelGoal. */
export enum CancelCode {
  /** At least one goal is being cancelled, or several were asked for and none could be. */
  None = 0,
  /** The server refused to cancel. */
  Rejected = 1,
  UnknownGoalId = 2,
  /** The goal has ended, or is being cancelled already. */
  GoalTerminated = 3,
}

/** action_msgs/CancelGoal_Response */
export class CancelGoalResponse extends Message {
  returnCode: CancelCode = CancelCode.None;
  goalsCanceling: GoalInfo[] = [];

  serialize(writer: CdrWriter): void {
    writer.i8(<i8>this.returnCode);
    writer.u32(this.goalsCanceling.length);
    for (let i = 0; i < this.goalsCanceling.length; i++) this.goalsCanceling[i].serialize(writer);
  }

  deserialize(reader: CdrReader): void {
    this.returnCode = reader.i8();
    const count = reader.length(GOAL_INFO_OCTETS);
    for (let i = 0; i < count; i++) {
      const info = new GoalInfo();
      info.deserialize(reader);
      this.goalsCanceling.push(info);
    }
  }

  fault(_reason: string): void {
    this.returnCode = CancelCode.Rejected;
  }
}
