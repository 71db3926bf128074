import { Message, MessageType } from "../interface";
import { join } from "../node/names";
import { Node } from "../node/node";
import { QoS } from "../topic/qos";
import { Writer } from "../topic/writer";
import { eventHash, eventType, TransitionEvent } from "./event";
import { LifecyclePublisher, ManagedEntity } from "./publisher";
import { startServices } from "./services";
import {
  findTransition,
  goalOf,
  LifecycleState,
  outcome,
  State,
  stateLabel,
  Transition,
  TransitionCallbackReturn,
} from "./states";

/**
 * A managed node: it offers its services and runs its callbacks as an rclpy LifecycleNode does (states.ts). Derive from
 * it and override what is needed; those overridden should call that of `super`, which lets the publishers follow.
 * @example
 *   class Talker extends LifecycleNode {
 *     onActivate(state: LifecycleState): TransitionCallbackReturn {
 *       this.logger.info("on_activate() is called.");
 *       return super.onActivate(state);
 *     }
 *   }
 *   const node = new Talker("lc_talker");
 */
export class LifecycleNode extends Node {
  /** Number of the present state, one of `State`. */
  state: u8 = State.UNCONFIGURED;
  private events: Writer | null = null;
  private readonly managed: ManagedEntity[] = [];

  constructor(name: string, namespace: string = "") {
    super(name, namespace);
    const topic = join(this.fullyQualifiedName, "transition_event");
    this.events = new Writer(this, topic, eventType(), eventHash(), new QoS(10));
    startServices(this);
  }

  // The callbacks get the state the node was in. They may `sleep()`; requests for another transition fail meanwhile.

  onConfigure(_state: LifecycleState): TransitionCallbackReturn {
    return TransitionCallbackReturn.Success;
  }

  onCleanup(_state: LifecycleState): TransitionCallbackReturn {
    return TransitionCallbackReturn.Success;
  }

  onShutdown(_state: LifecycleState): TransitionCallbackReturn {
    return TransitionCallbackReturn.Success;
  }

  onActivate(_state: LifecycleState): TransitionCallbackReturn {
    for (let i = 0; i < this.managed.length; i++) this.managed[i].onActivate();
    return TransitionCallbackReturn.Success;
  }

  onDeactivate(_state: LifecycleState): TransitionCallbackReturn {
    for (let i = 0; i < this.managed.length; i++) this.managed[i].onDeactivate();
    return TransitionCallbackReturn.Success;
  }

  /** `Success`: the node is unconfigured again; else it is finalized. */
  onError(_state: LifecycleState): TransitionCallbackReturn {
    return TransitionCallbackReturn.Success;
  }

  // Transitions by the app itself. Each returns what the callback did, or Error if the state does not allow it.

  triggerConfigure(): TransitionCallbackReturn {
    return this.changeState(Transition.CONFIGURE);
  }

  triggerCleanup(): TransitionCallbackReturn {
    return this.changeState(Transition.CLEANUP);
  }

  triggerActivate(): TransitionCallbackReturn {
    return this.changeState(Transition.ACTIVATE);
  }

  triggerDeactivate(): TransitionCallbackReturn {
    return this.changeState(Transition.DEACTIVATE);
  }

  triggerShutdown(): TransitionCallbackReturn {
    // The ids of shutdown from unconfigured, inactive and active follow each other as the states do.
    return this.changeState(Transition.UNCONFIGURED_SHUTDOWN + this.state - State.UNCONFIGURED);
  }

  /** A publisher that publishes only while the node is active. Parameters as for `createPublisher`. */
  createLifecyclePublisher<M extends Message>(
    type: MessageType<M>,
    topic: string,
    qos: QoS = new QoS(10),
  ): LifecyclePublisher<M> {
    const publisher = new LifecyclePublisher<M>(this, type, topic, qos);
    this.managed.push(publisher);
    return publisher;
  }

  /** Takes such a publisher off the graph. */
  destroyLifecyclePublisher<M extends Message>(publisher: LifecyclePublisher<M>): void {
    const index = this.managed.indexOf(publisher);
    if (index >= 0) this.managed.splice(index, 1);
    publisher.destroy();
  }

  /** @param id one of `Transition`; any other, or one the state does not allow, is told in the log */
  changeState(id: u8): TransitionCallbackReturn {
    const initial = this.state;
    const index = id <= Transition.ACTIVE_SHUTDOWN ? findTransition(initial, id) : -1;
    if (index < 0) {
      // As rclpy of Kilted; that of Jazzy ends the node.
      this.logger.error(
        `Unable to start transition ${id} from current state (${initial}, '${stateLabel(initial)}')`,
      );
      return TransitionCallbackReturn.Error;
    }
    const state = new LifecycleState(initial, stateLabel(initial));
    this.step(index);
    const result = this.callback(state);
    this.step(outcome(this.state, result));
    if (this.state == State.ERROR_PROCESSING) this.step(outcome(this.state, this.onError(state)));
    return result;
  }

  /** What runs in the present transition state. */
  private callback(state: LifecycleState): TransitionCallbackReturn {
    switch (this.state) {
      case State.CONFIGURING:
        return this.onConfigure(state);
      case State.CLEANING_UP:
        return this.onCleanup(state);
      case State.ACTIVATING:
        return this.onActivate(state);
      case State.DEACTIVATING:
        return this.onDeactivate(state);
      default:
        return this.onShutdown(state);
    }
  }

  private step(index: i32): void {
    this.state = goalOf(index);
    const events = this.events;
    if (events !== null) events.send(new TransitionEvent(index));
  }
}
