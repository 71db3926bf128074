import { CdrReader } from "../../host-agent/src/cdr/reader.js";
import { CdrWriter } from "../../host-agent/src/cdr/writer.js";
import type { ClientEnd, Graph, ReaderEnd } from "../../simulation/graph.js";
import { DEFAULT_QOS } from "../../simulation/qos-matching.js";

const TYPE = "example_interfaces::action::dds_::Fibonacci_";
const CANCEL = "action_msgs::srv::dds_::CancelGoal_";

/** action_msgs/GoalStatus by number. */
export const STATUS = [
  "UNKNOWN",
  "ACCEPTED",
  "EXECUTING",
  "CANCELING",
  "SUCCEEDED",
  "CANCELED",
  "ABORTED",
] as const;
export type Status = (typeof STATUS)[number];

export interface CancelResult {
  readonly code: number;
  /** First octet of the ID of each goal that is being cancelled. */
  readonly goals: readonly number[];
}

/** A UUID whose first octet tells it from others. */
export function goalId(number: number): Uint8Array {
  return Uint8Array.from({ length: 16 }, (_, i) => (i === 0 ? number : 0xa0 + i));
}

/** What an action client on the network sends and hears, octet by octet, of the action Fibonacci. */
export class ActionPeer {
  /** Samples as they came, with the name of the topic's last part. */
  readonly heard: { readonly topic: string; readonly payload: Uint8Array }[] = [];
  private readonly ends: (ClientEnd | ReaderEnd)[] = [];

  constructor(
    private readonly graph: Graph,
    private readonly name: string,
  ) {
    this.subscribe("feedback", `${TYPE}FeedbackMessage_`, 0);
    this.subscribe("status", "action_msgs::msg::dds_::GoalStatusArray_", 1);
  }

  private subscribe(topic: string, type: string, durability: number): void {
    const end: ReaderEnd = {
      topic: `${this.name}/_action/${topic}`,
      type,
      qos: { ...DEFAULT_QOS, durability },
      take: (payload) => void this.heard.push({ topic, payload }),
    };
    this.graph.addReader(end);
    this.ends.push(end);
  }

  leave(): void {
    for (const end of this.ends) this.graph.remove(end);
  }

  /** Sends raw octets to one of the action's services. */
  async call(service: "send_goal" | "get_result" | "cancel_goal", payload: Uint8Array): Promise<Uint8Array> {
    const type = { send_goal: `${TYPE}SendGoal_`, get_result: `${TYPE}GetResult_`, cancel_goal: CANCEL }[
      service
    ];
    const end: ClientEnd = {
      name: `${this.name}/_action/${service}`,
      requestType: `${type}Request_`,
      responseType: `${type}Response_`,
    };
    return new Promise((reply, fail) => {
      if (!this.graph.call(end, { payload, bigEndian: false, reply, fail })) {
        fail(new Error(`no service ${end.name}`));
      }
    });
  }

  async sendGoal(number: number, order: number): Promise<boolean> {
    const writer = new CdrWriter(true);
    writer.raw(goalId(number));
    writer.i32(order);
    const reply = this.call("send_goal", writer.copy());
    this.graph.settle();
    return new CdrReader(await reply).boolean();
  }

  async getResult(number: number): Promise<{ status: Status; sequence: number[] }> {
    const reply = this.call("get_result", goalId(number));
    this.graph.settle();
    const reader = new CdrReader(await reply);
    return { status: statusOf(reader.i8()), sequence: readSequence(reader) };
  }

  /** @param number 0 for the zero ID @param stamp ROS time in nanoseconds */
  async cancel(number: number, stamp = 0n): Promise<CancelResult> {
    const writer = new CdrWriter(true);
    writer.raw(number === 0 ? new Uint8Array(16) : goalId(number));
    writer.i32(Number(stamp / 1_000_000_000n));
    writer.u32(Number(stamp % 1_000_000_000n));
    const reply = this.call("cancel_goal", writer.copy());
    this.graph.settle();
    const reader = new CdrReader(await reply);
    const code = reader.i8();
    const goals = Array.from({ length: reader.u32() }, () => {
      const [first] = reader.borrow(16);
      reader.i32();
      reader.u32();
      return first ?? 0;
    });
    return { code, goals };
  }

  /** `NUMBER:LENGTH` for each feedback: whose it is, and how many numbers it has. */
  get feedback(): string[] {
    return this.heard
      .filter(({ topic }) => topic === "feedback")
      .map(({ payload }) => {
        const reader = new CdrReader(payload);
        const [number] = reader.borrow(16);
        return `${number}:${readSequence(reader).length}`;
      });
  }

  /** Each status message as `NUMBER STATUS` of all its goals. */
  get statuses(): string[] {
    return this.heard
      .filter(({ topic }) => topic === "status")
      .map(({ payload }) => {
        const reader = new CdrReader(payload);
        const goals = Array.from({ length: reader.u32() }, () => {
          const [number] = reader.borrow(16);
          reader.i32();
          reader.u32();
          return `${number} ${statusOf(reader.i8())}`;
        });
        return goals.join(", ");
      });
  }
}

function statusOf(number: number): Status {
  const status = STATUS[number];
  if (status === undefined) throw new Error(`status ${number}`);
  return status;
}

function readSequence(reader: CdrReader): number[] {
  return Array.from({ length: reader.u32() }, () => reader.i32());
}
