import { encode, Message, ServiceType } from "../interface";
import { expandName } from "../node/names";
import { Node } from "../node/node";
import { deadlineIn, FOREVER } from "../task/deadline";
import { start } from "../task/scheduler";
import { Task } from "../task/task";
import { Requester } from "./requester";

/**
 * A service client. Made by `Node#createClient`. Any number of calls may be in flight at once, one for each task that
 * waits. A request made while there is no server is sent when there is one, if its time is not over by then.
 */
export class Client<Q extends Message, P extends Message> extends Requester {
  constructor(
    node: Node,
    readonly type: ServiceType<Q, P>,
    name: string,
  ) {
    super(
      node,
      expandName("service", name, node.name, node.namespace),
      type.requestName,
      type.responseName,
      type.hashes,
    );
  }

  /**
   * Calls the service and suspends only the calling task until the response is there.
   * @param timeoutMs milliseconds to wait at most; without it, for ever, as rclpy does
   * @returns null if there was no response in time, it was larger than the board takes, or the request could not be sent:
   *   `error` tells why
   * @example
   *   const response = client.call(request, 1000);
   *   if (response === null) node.logger.error(client.error);
   *   else node.logger.info(`sum: ${response.sum}`);
   */
  call(request: Q, timeoutMs: i64 = FOREVER): P | null {
    return this.finish(encode(request), deadlineIn(timeoutMs));
  }

  /**
   * Calls the service and goes on at once; `handler` runs as a task of its own with what {@link call} would return.
   * `request` may be used again when this returns.
   */
  callAsync(request: Q, handler: (response: P | null) => void, timeoutMs: i64 = FOREVER): void {
    start(new CallTask<Q, P>(this, encode(request), deadlineIn(timeoutMs), handler));
  }

  /** Sends an encoded request and waits for its response. */
  finish(payload: usize, deadline: i64): P | null {
    const response = this.type.createResponse();
    return this.exchange(payload, response, deadline) ? response : null;
  }
}

class CallTask<Q extends Message, P extends Message> extends Task {
  constructor(
    readonly client: Client<Q, P>,
    readonly payload: usize,
    readonly deadlineOfCall: i64,
    readonly handler: (response: P | null) => void,
  ) {
    super();
  }

  run(): void {
    this.handler(this.client.finish(this.payload, this.deadlineOfCall));
  }
}
