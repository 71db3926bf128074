import { Message, MessageType } from "../interface";
import { Node } from "../node/node";
import { Publisher } from "../topic/publisher";
import { QoS } from "../topic/qos";

/** The part of a managed node's publishers that does not depend on their type. */
export interface ManagedEntity {
  onActivate(): void;
  onDeactivate(): void;
}

/** A publisher that publishes only while its node is active. Made by `LifecycleNode#createLifecyclePublisher`. */
export class LifecyclePublisher<M extends Message> extends Publisher<M> implements ManagedEntity {
  private activated: bool = false;

  constructor(node: Node, type: MessageType<M>, topic: string, qos: QoS) {
    super(node, type, topic, qos);
  }

  get isActivated(): bool {
    return this.activated;
  }

  onActivate(): void {
    this.activated = true;
  }

  onDeactivate(): void {
    this.activated = false;
  }

  /** Does nothing, and returns false, while the node is not active. */
  publish(message: M): bool {
    return this.activated && this.send(message);
  }
}
