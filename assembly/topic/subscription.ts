import { Message, MessageType } from "../interface";
import { countMatched } from "../node/matched";
import { expandName } from "../node/names";
import { Node } from "../node/node";
import { QoS } from "./qos";
import { Reader } from "./reader";

/** A subscription with a callback. Made by `Node#createSubscription`. */
export class Subscription<M extends Message> extends Reader {
  constructor(
    node: Node,
    readonly type: MessageType<M>,
    topic: string,
    readonly callback: (message: M) => void,
    qos: QoS,
  ) {
    super(node, expandName("topic", topic, node.name, node.namespace), type.name, type.hash, qos);
  }

  /** How many publishers there are; 0 with an agent that is not Rosehip's. */
  get publisherCount(): i32 {
    return countMatched(this);
  }

  createMessage(): Message {
    return this.type.create();
  }

  deliver(message: Message): void {
    this.callback(changetype<M>(message));
  }
}
