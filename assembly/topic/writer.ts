import { ERROR_BUSY, ERROR_DISCONNECTED, publish, publisher_create } from "../env";
import { encode, encodeError, Message } from "../interface";
import { Logger } from "../log/logger";
import { Entity } from "../node/entity";
import { errorText } from "../node/errors";
import { countMatched } from "../node/matched";
import { Node } from "../node/node";
import { release, sizeOf } from "../rt/heap";
import { fail, utf8 } from "../rt/text";
import { BUSY_RETRY_MS } from "../service/reply";
import { sleep } from "../task/sleep";
import { QoS } from "./qos";

/** A publisher, whatever its type. */
export class Writer extends Entity {
  private readonly logger: Logger;
  /** Why the last message was not sent; "" if it was. */
  error: string = "";
  /** Octets of the largest message so far. */
  largest: u32 = 0;

  /** @param name fully qualified */
  constructor(
    node: Node,
    readonly name: string,
    typeName: string,
    hash: usize,
    qos: QoS,
  ) {
    super(create(node.handle, name, typeName, hash, qos), node.handle);
    this.logger = node.logger;
  }

  accept(_kind: i32, _token: i32, payload: usize, _length: u32, _flags: u32): void {
    if (payload) release(payload);
  }

  /** How many subscriptions get what is published; 0 with an agent that is not Rosehip's. */
  get subscriptionCount(): i32 {
    return countMatched(this);
  }

  /**
   * Sends a message. While the outgoing queue is full, only the calling task waits, and the message is encoded when
   * its turn comes. Without an agent nobody gets it, except as durability promises.
   * @returns false if it cannot be sent; that is logged, once for each reason in a row, and {@link error} tells why
   */
  send(message: Message): bool {
    let result = this.attempt(message);
    while (result == ERROR_BUSY) {
      sleep(BUSY_RETRY_MS);
      result = this.attempt(message);
    }
    let reason = "";
    if (result == NOT_ENCODED) reason = encodeError;
    else if (result < 0 && result != ERROR_DISCONNECTED) reason = errorText(result);
    if (reason.length != 0 && reason != this.error)
      this.logger.error(this.name + " not published: " + reason);
    this.error = reason;
    return reason.length == 0;
  }

  /** Encodes and publishes it. @returns the result of `publish`, or {@link NOT_ENCODED} */
  protected attempt(message: Message): i32 {
    const payload = encode(message);
    if (!payload) return NOT_ENCODED;
    const length = <u32>sizeOf(payload);
    this.largest = max(this.largest, length);
    const result = publish(this.handle, payload, length);
    release(payload);
    return result;
  }
}

/** The message breaks its own type: see encodeError. */
const NOT_ENCODED: i32 = i32.MIN_VALUE;

function create(node: i32, name: string, typeName: string, hash: usize, qos: QoS): i32 {
  const topic = utf8(name);
  const type = utf8(typeName);
  const handle = publisher_create(
    node,
    topic,
    <u32>sizeOf(topic),
    type,
    <u32>sizeOf(type),
    hash,
    changetype<usize>(qos),
  );
  release(topic);
  release(type);
  if (handle < 0) fail("publisher of " + name + ": " + errorText(handle));
  return handle;
}
