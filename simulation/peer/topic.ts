import { RosehipError } from "../../host-agent/src/errors.js";
import type { MessageValue } from "../../toolchain/interface/codec.js";
import type { AbiQos } from "../abi.js";
import type { SimulatedTopicEnd } from "../entities.js";
import type { Graph, ReaderEnd, WriterEnd } from "../graph.js";
import { DEFAULT_QOS } from "../qos-matching.js";
import type { Waiting } from "../waiting.js";
import { type Interfaces, rosType } from "./interfaces.js";
import { Stream } from "./stream.js";

/** What the peer knows of the boards on its graph. */
export interface TopicsView {
  publishers(): readonly SimulatedTopicEnd[];
  subscriptions(): readonly SimulatedTopicEnd[];
}

/** Messages of a topic, as they come; an async iterator. */
export class Subscription extends Stream<MessageValue> {
  /** All that have come, oldest first. */
  readonly received: MessageValue[] = [];

  constructor(
    waiting: Waiting,
    topic: string,
    private readonly onClose: () => void,
  ) {
    super(waiting, (idle) => {
      const what = idle ? "will ever come: nothing more happens on any board" : "has come within an hour";
      return new RosehipError("SIM_NO_MESSAGE", `no message on ${topic} ${what}`);
    });
  }

  override push(message: MessageValue): void {
    this.received.push(message);
    super.push(message);
  }

  close(): void {
    this.end();
    this.onClose();
  }
}

/** Publishers and subscriptions of the test. */
export class Topics {
  private readonly writers = new Map<string, WriterEnd>();

  constructor(
    private readonly graph: Graph,
    private readonly waiting: Waiting,
    private readonly view: TopicsView,
    private readonly interfaces: Interfaces,
  ) {}

  /** @param type of the message; that of the boards' subscriptions if not given */
  publish(topic: string, type: string | undefined, value: unknown, qos: AbiQos): void {
    const known = type ?? typeOf(topic, this.view.subscriptions(), "subscription");
    const { dds, codec } = this.interfaces.type(known);
    const key = `${topic} ${dds}`;
    let end = this.writers.get(key);
    if (end === undefined) {
      end = { topic, type: dds, qos };
      this.writers.set(key, end);
      this.graph.addWriter(end);
    }
    this.graph.publish(end, codec.encode(value ?? {}));
  }

  /**
   * @param type of the messages; that of the boards' publishers if not given
   * @param qos what a publisher on the topic offers, if not given
   */
  subscribe(topic: string, type: string | undefined, qos?: AbiQos): Subscription {
    const publishers = this.view.publishers().filter((end) => end.topic === topic);
    const { dds, codec } = this.interfaces.type(type ?? typeOf(topic, publishers, "publisher"));
    const end: ReaderEnd = {
      topic,
      type: dds,
      qos: qos ?? publishers[0]?.qos ?? DEFAULT_QOS,
      take: (payload, bigEndian) => subscription.push(codec.decode(payload, !bigEndian)),
    };
    const subscription = new Subscription(this.waiting, topic, () => this.graph.remove(end));
    this.graph.addReader(end);
    return subscription;
  }
}

function typeOf(topic: string, ends: readonly SimulatedTopicEnd[], kind: string): string {
  const types = [...new Set(ends.filter((end) => end.topic === topic).map(({ type }) => type))];
  const [first] = types;
  if (types.length === 1 && first !== undefined) return rosType(first);
  const what = first === undefined ? `no board has a ${kind} of ${topic}` : `${topic} has several types`;
  throw new RosehipError("SIM_TYPE", what, { remedy: "Name the type: package/msg/Name." });
}
