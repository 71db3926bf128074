import { ActionClient } from "../action/client";
import { ActionOptions } from "../action/options";
import { ActionServer } from "../action/server";
import { node_create } from "../env";
import { ActionType, Message, MessageType, ServiceType } from "../interface";
import { Logger } from "../log/logger";
import { startLoggerService } from "../log/services";
import { ParameterOptions } from "../parameter/options";
import { Parameter } from "../parameter/parameter";
import { parametersOf, SetParametersCallback } from "../parameter/parameters";
import { ParameterValue } from "../parameter/value";
import { release, sizeOf } from "../rt/heap";
import { fail, utf8 } from "../rt/text";
import { Client } from "../service/client";
import { Service } from "../service/service";
import { NS_PER_MS } from "../task/deadline";
import { Timer } from "../timer/timer";
import { Publisher } from "../topic/publisher";
import { QoS } from "../topic/qos";
import { Subscription } from "../topic/subscription";
import { Options } from "../typing";
import { rosTime } from "./clock";
import { destroyNode } from "./entity";
import { errorText } from "./errors";
import { absoluteNamespace, checkNodeName, join } from "./names";
import { NodePart } from "./part";

/** A ROS 2 node on the graph. */
export class Node {
  readonly handle: i32;
  /** Absolute: "/" or e.g. "/robot". */
  readonly namespace: string;
  readonly logger: Logger;
  /** The node's `Parameters`, if it has any. */
  parameters: NodePart | null = null;

  /**
   * @param name letters, digits and underscores
   * @param namespace "" or "/" for the root; "robot" is the same as "/robot"
   */
  constructor(
    readonly name: string,
    namespace: string = "",
  ) {
    checkNodeName(name);
    const absolute = absoluteNamespace(namespace);
    this.namespace = absolute;
    this.logger = new Logger(loggerName(absolute, name));
    this.handle = create(name, absolute);
  }

  /** Name with namespace: "/robot/arm". */
  get fullyQualifiedName(): string {
    return join(this.namespace, this.name);
  }

  /**
   * Offers a service. `callback` gets each request with a default-initialised response to fill in; the response is
   * sent when it returns. It may `sleep()`; other requests are handled meanwhile. If the app traps in it, the
   * caller gets a default-initialised response (with `success` false and the reason in `message`, if there are such).
   * @param name relative to the node's namespace, absolute ("/add"), or below the node ("~/add")
   */
  createService<Q extends Message, P extends Message>(
    type: ServiceType<Q, P>,
    name: string,
    callback: (request: Q, response: P) => void,
  ): Service<Q, P> {
    return new Service<Q, P>(this, type, name, callback);
  }

  /** Makes a client of a service, which need not be there yet. @param name as in {@link createService} */
  createClient<Q extends Message, P extends Message>(type: ServiceType<Q, P>, name: string): Client<Q, P> {
    return new Client<Q, P>(this, type, name);
  }

  /** @param topic name, as in {@link createService} @param qos the last 10, reliable, if not given */
  createPublisher<M extends Message>(
    type: MessageType<M>,
    topic: string,
    qos: QoS = new QoS(10),
  ): Publisher<M> {
    return new Publisher<M>(this, type, topic, qos);
  }

  /**
   * `callback` gets each message, one after the other. It may `sleep()`; as many messages as `qos` keeps wait meanwhile.
   * @param topic name, as in {@link createService}
   * @param qos the last 10, reliable, if not given
   */
  createSubscription<M extends Message>(
    type: MessageType<M>,
    topic: string,
    callback: (message: M) => void,
    qos: QoS = new QoS(10),
  ): Subscription<M> {
    return new Subscription<M>(this, type, topic, callback, qos);
  }

  /** Calls back every `periodMs` milliseconds, the first time after one period. */
  createTimer(periodMs: i64, callback: () => void): Timer {
    return new Timer(periodMs * NS_PER_MS, callback);
  }

  /** Offers an action. @param name as in {@link createService} */
  createActionServer<G extends Message, R extends Message, F extends Message>(
    type: ActionType<G, R, F>,
    name: string,
    options: Options<ActionOptions<G, R, F>>,
  ): ActionServer<G, R, F> {
    return new ActionServer<G, R, F>(this, type, name, changetype<ActionOptions<G, R, F>>(options));
  }

  /** Makes a client of an action, whose server need not be there yet. @param name as in {@link createService} */
  createActionClient<G extends Message, R extends Message, F extends Message>(
    type: ActionType<G, R, F>,
    name: string,
  ): ActionClient<G, R, F> {
    return new ActionClient<G, R, F>(this, type, name);
  }

  /**
   * Declares a parameter: a bool, a number (kept as i64 or f64), a string, or an array of these; a u8[] is a byte array.
   * The first one puts the parameter services of the node on the graph. Ends the app if it is declared already.
   * @param value the default; the agent's command line, or a value kept over restarts, goes before it
   * @returns the parameter, whose value follows what it is set to
   * @example
   *   const speed = node.declareParameter("max_speed", 1.5, { range: new FloatingPointRange(0, 3), persist: true });
   *   drive(speed.value<f64>());
   */
  declareParameter<T>(name: string, value: T, options: Options<ParameterOptions> | null = null): Parameter {
    return parametersOf(this).add(name, ParameterValue.of<T>(value), options);
  }

  /** A declared parameter. Ends the app if there is none of this name. */
  getParameter(name: string): Parameter {
    return parametersOf(this).get(name);
  }

  hasParameter(name: string): bool {
    return parametersOf(this).find(name) !== null;
  }

  /** Ends the app if it is not declared, or read-only. */
  undeclareParameter(name: string): void {
    parametersOf(this).undeclare(name);
  }

  /** Sets a parameter as a caller of the service would. @returns null, or why it was not set */
  setParameter<T>(name: string, value: T): string | null {
    return parametersOf(this).setAtomically([Parameter.of<T>(name, value)]);
  }

  /** Sets all of these or none: `[Parameter.of("p", 1.0), …]`. @returns null, or why none was set */
  setParametersAtomically(parameters: Parameter[]): string | null {
    return parametersOf(this).setAtomically(parameters);
  }

  /**
   * `callback` is asked before parameters get new values, also by {@link declareParameter}; rclpy's
   * add_on_set_parameters_callback. It returns null to accept all of them, or the reason for which none is set.
   */
  onSetParameters(callback: SetParametersCallback): void {
    parametersOf(this).addCallback(callback);
  }

  /** Offers the parameter services though no parameter is declared. */
  startParameterServices(): void {
    parametersOf(this);
  }

  /** Offers ~/get_logger_levels and ~/set_logger_levels; rclpy's `enable_logger_service`. */
  enableLoggerService(): void {
    startLoggerService(this);
  }

  /** ROS time: nanoseconds since 1970, synchronised with the agent's computer; never goes back; 0 until synchronised. */
  now(): i64 {
    return rosTime();
  }

  /** Takes the node and everything of it off the graph. They must not be used any more. */
  destroy(): void {
    destroyNode(this.handle);
  }
}

/** As in rclcpp and rclpy: "robot.arm" for the node arm in /robot. */
function loggerName(namespace: string, name: string): string {
  let prefix = "";
  for (let i = 1; i < namespace.length; i++) prefix += namespace.charAt(i) == "/" ? "." : namespace.charAt(i);
  return namespace.length == 1 ? name : prefix + "." + name;
}

function create(name: string, namespace: string): i32 {
  const nameText = utf8(name);
  const namespaceText = utf8(namespace);
  const handle = node_create(nameText, <u32>sizeOf(nameText), namespaceText, <u32>sizeOf(namespaceText));
  release(nameText);
  release(namespaceText);
  if (handle < 0) fail("node " + join(namespace, name) + ": " + errorText(handle));
  return handle;
}
