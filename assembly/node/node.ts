import { node_create } from "../env";
import { Message, ServiceType } from "../interface";
import { release, sizeOf } from "../rt/heap";
import { fail, utf8 } from "../rt/text";
import { Service } from "../service/service";
import { destroyNode } from "./entity";
import { errorText } from "./errors";
import { Logger } from "./logger";
import { absoluteNamespace, checkNodeName, join } from "./names";

/** A ROS 2 node on the graph. */
export class Node {
  readonly handle: i32;
  /** Absolute: "/" or e.g. "/robot". */
  readonly namespace: string;
  readonly logger: Logger;

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

  /** Takes the node and its services off the graph. They must not be used any more. */
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
