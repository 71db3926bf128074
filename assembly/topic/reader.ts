import { EVENT_MATCHED, EVENT_SAMPLE, subscription_create } from "../env";
import { decode, Message } from "../interface";
import { Logger } from "../log/logger";
import { BIG_ENDIAN, Entity } from "../node/entity";
import { errorText } from "../node/errors";
import { Node } from "../node/node";
import { release, sizeOf } from "../rt/heap";
import { fail, utf8 } from "../rt/text";
import { start, wake } from "../task/scheduler";
import { Task } from "../task/task";
import { QoS } from "./qos";

/**
 * A subscription, whatever its type. Samples are delivered one after the other, by one task: while a callback is
 * suspended the next ones wait in the firmware, at most `depth` of them with keep last; then the oldest is dropped.
 */
export abstract class Reader extends Entity {
  private readonly logger: Logger;
  private task: DeliverTask | null = null;
  private payload: usize = 0;
  private length: u32 = 0;
  private bigEndian: bool = false;
  private complaint: string = "";

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

  abstract createMessage(): Message;
  abstract deliver(message: Message): void;

  accept(kind: i32, _token: i32, payload: usize, length: u32, flags: u32): void {
    if (kind == EVENT_MATCHED) wake(changetype<usize>(this));
    if (kind != EVENT_SAMPLE) {
      if (payload) release(payload);
      return;
    }
    this.payload = payload;
    this.length = length;
    this.bigEndian = (flags & BIG_ENDIAN) != 0;
    this.delivering = true;
    let task = this.task;
    if (task === null) task = new DeliverTask(this);
    this.task = task;
    start(task);
  }

  run(): void {
    const message = this.createMessage();
    if (this.open(message)) this.deliver(message);
    this.delivering = false;
    if (this.held) this.release();
  }

  /** Decodes the sample. One that cannot be delivered is told in the log, once for each reason in a row. */
  private open(message: Message): bool {
    const payload = this.payload;
    const length = this.length;
    let reason: string | null = null;
    if (!payload && length != 0) {
      reason = "out of memory: sample of " + length.toString() + " bytes";
    } else {
      reason = decode(message, payload, length, this.bigEndian);
      if (payload) release(payload);
    }
    const complaint = reason === null ? "" : reason;
    if (complaint.length != 0 && complaint != this.complaint) {
      this.logger.error(this.name + ": a sample is lost: " + complaint);
    }
    this.complaint = complaint;
    return complaint.length == 0;
  }
}

class DeliverTask extends Task {
  constructor(readonly reader: Reader) {
    super();
  }

  run(): void {
    this.reader.run();
  }
}

function create(node: i32, name: string, typeName: string, hash: usize, qos: QoS): i32 {
  const topic = utf8(name);
  const type = utf8(typeName);
  const handle = subscription_create(
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
  if (handle < 0) fail("subscription to " + name + ": " + errorText(handle));
  return handle;
}
