import { Message, MessageType } from "../interface";
import { expandName } from "../node/names";
import { Node } from "../node/node";
import { QoS } from "./qos";
import { Writer } from "./writer";

/** A publisher. Made by `Node#createPublisher`. */
export class Publisher<M extends Message> extends Writer {
  constructor(node: Node, type: MessageType<M>, topic: string, qos: QoS) {
    super(node, expandName("topic", topic, node.name, node.namespace), type.name, type.hash, qos);
  }

  /**
   * Sends a message to whoever subscribes. It may be changed and used again when this returns; `error` tells why if
   * it returns false.
   */
  publish(message: M): bool {
    return this.send(message);
  }
}
